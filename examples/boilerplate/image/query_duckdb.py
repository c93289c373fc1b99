"""Sums up a few orders with DuckDB and prints the table.

usage: query_duckdb.py [DAY]
"""
import sys

import duckdb

ORDERS = """
    VALUES ('coffee', 3, 4.50), ('tea', 1, 3.20), ('coffee', 2, 4.50), ('cake', 4, 5.00)
"""


def main() -> None:
    day = sys.argv[1] if len(sys.argv) > 1 else "2026-01-01"
    report = duckdb.sql(f"""
        SELECT product, sum(quantity)::INT AS sold, sum(quantity * price)::DECIMAL(8, 2) AS revenue
        FROM ({ORDERS}) AS orders(product, quantity, price)
        GROUP BY product
        ORDER BY revenue DESC
    """)
    print(f"orders of {day}")
    for product, sold, revenue in report.fetchall():
        print(f"{product:<8}{sold:>4}{revenue:>10}")


main()
