"""Tests of success roadmaps."""
