"""Tests of what a run says to a person."""
