"""May this change ship? Rules on metrics and times, judged on noisy evidence in three ways.

What is asked:

subjects    what a rule may be about: metrics and the values that they can have, stages, scenarios
limits      which rules can be followed
rules       a rule, and the line of text that says it
tables      the table of one subject in a settings file
reading     all rules of a project, from its files and options

What the evidence says, of metrics from predictions alone:

accuracy    rules and evidence -> verdicts
evidence    what they are judged by, with `pairing`: the same reviews on both sides
bounds      floors and ceilings
drops       a candidate against a baseline, with `directions` and `margins`
slices      those that rules name, judged together, and the worst of the rest, shown
flips       reviews that the candidate lost
ruling      what one rule comes to, said by `sentences` and `wording`

Of times, measured for the purpose: `latency`.
"""
