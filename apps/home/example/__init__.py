"""A believable example: invented people who do real acts, day by day, with the clock kept by real sweeps."""

from apps.home.example.playing import load_example, remove_example

__all__ = ["load_example", "remove_example"]
