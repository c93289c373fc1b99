"""Puts the values of environment variables into a manifest: fill.py NAME... < IN > OUT

Only the names given are replaced, so that ${...} of the manifest's own stays.
"""
import os
import sys

text = sys.stdin.read()
for name in sys.argv[1:]:
    text = text.replace("${" + name + "}", os.environ[name])
sys.stdout.write(text)
