"""Runs the team's own image on Kubernetes once, and shows its output in Airflow."""
import os

import pendulum
from airflow import DAG
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

with DAG(
    dag_id="orders_report",
    description="What the shop sold, by product",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    schedule="@once",
    catchup=False,
    tags=[os.getenv("HD_WS_BOILERPLATE_NAME", "ws-boilerplate")],
) as dag:
    KubernetesPodOperator(
        task_id="query_duckdb",
        name="orders-report",
        namespace=os.getenv("HD_NAMESPACE", "team-a"),
        image=os.environ["WS_IMAGE"],
        cmds=["python3"],
        arguments=["/usr/src/app/query_duckdb.py"],
        in_cluster=False,
        config_file=os.getenv("KUBECONFIG"),
        # What a namespace under the restricted Pod Security standard asks for.
        security_context={"runAsNonRoot": True, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}},
        container_security_context={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        get_logs=True,
        on_finish_action="delete_pod",
    )
