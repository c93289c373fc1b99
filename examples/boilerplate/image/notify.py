"""Says what the run did.

usage: notify.py ROWS DAY
"""
import sys

rows, day = sys.argv[1:]
print(f"report of {day} is made of {rows} orders")
