"""What a run says to a person, from its records alone: terminal tables, an HTML page, CSV rows.

numbers    how each quantity is written
words      sentences computed from an evaluation
slices     accuracy by a kept column
examples   which reviews a page shows
charts     SVG
timed      timings by classifier, dtype and device; `versus` compares them
timings    the same as tables for a terminal; `timing_view` and `timing_charts`, for the page
scenarios  loads in words and as tables; `scenario_view`, for the page
machine    what it can do at most, and its limits and load
memory     what a classifier takes of it
terminal   tables for 80 columns, of `confusion_table`, `reliability_table` and others; `signs`, for any encoding
page       the self-contained HTML page
rows       CSV, for a script
card       results in the README of a model on the hub
"""
