"""Tests of reference cases."""
