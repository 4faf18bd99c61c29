"""Tests of what the rounds of timings come to."""
