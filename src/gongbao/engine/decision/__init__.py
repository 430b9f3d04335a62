"""Decisions: compiled (logic), decided (decide), and what is told of them - candidates, questions, grounds, trace.

`decide.decide` is the way in; with facts unknown it goes on to view, judging, search and candidates.
"""
