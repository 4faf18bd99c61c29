"""What a run says to a person, from its records alone: terminal tables, an HTML page, CSV rows.

numbers    how each quantity is written
words      sentences computed from an evaluation
slices     accuracy by a kept column
examples   which reviews a page shows
charts     SVG
terminal   tables for 80 columns
page       the self-contained HTML page
rows       CSV, for a script
"""
