"""Writes down what Airflow finds in a folder of DAGs: airflow_dag_ids.py FOLDER ANSWER

Runs in a DataDomain's Airflow image, of version 2 or 3, and asks no database. src/stage/airflow_dags.h has the form of
the answer. The DAG files run in this process.
"""
import json
import os
import re
import sys
import traceback

MOST_BYTES = 1 << 20
MOST_DAGS = 1001  # atelier-stage takes 1000, and is to see that there are more
MOST_ERRORS = 100
MOST_CHARACTERS = 300


def name_of(folder, path):
    return os.path.relpath(path, folder) if path.startswith(folder + os.sep) else path


def error_of(folder, path, text):
    """The last line of a traceback, and the last line of the file that it names."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no message"]
    numbers = re.findall(r'File "%s", line (\d+)' % re.escape(path), text)
    place = "line %s: " % numbers[-1] if numbers else ""
    return {"file": name_of(folder, path), "message": (place + lines[-1])[:MOST_CHARACTERS]}


def stopped_by(folder, text):
    """Of a file that ended the loading of all, such as with sys.exit()."""
    inside = re.findall(r'File "(%s/[^"]*)", line' % re.escape(folder), text)
    return error_of(folder, inside[0] if inside else folder, text)


def answer_of(folder):
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:
        from airflow.models.dagbag import DagBag
    try:
        bag = DagBag(dag_folder=folder, include_examples=False)
    except BaseException:
        text = traceback.format_exc()
        print(text, flush=True)
        return {"dags": [], "errors": [stopped_by(folder, text)]}
    dags = [{"id": key, "file": name_of(folder, str(dag.fileloc))} for key, dag in sorted(bag.dags.items())]
    errors = [error_of(folder, os.path.join(folder, str(path)), str(text))
              for path, text in sorted(bag.import_errors.items())]
    return {"dags": dags[:MOST_DAGS], "errors": errors[:MOST_ERRORS]}


def main(folder, path):
    above = os.path.dirname(folder)
    if above not in sys.path:
        sys.path.append(above)  # as Airflow has its folder of DAGs there
    answer = answer_of(folder)
    text = json.dumps(answer, ensure_ascii=False).encode("utf-8", "replace")
    if len(text) > MOST_BYTES:
        message = "what Airflow found takes more than %d bytes: use fewer DAGs or shorter names" % MOST_BYTES
        text = json.dumps({"dags": [], "errors": [{"file": ".", "message": message}]}).encode()
    with open(path + ".new", "wb") as file:
        file.write(text)
    os.rename(path + ".new", path)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
