// Which variables a workspace may put into the environment of the domain's Airflow. All its workspaces share that, so
// names that Airflow, what it runs on or what it starts reads are nobody's. docs/reference/airflow.md has the list.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "atelier/api/workspace.h"

namespace atelier::api {

// "PATH" stands for itself, "AIRFLOW*" for what begins so; in capitals, and meant in either case.
std::span<const std::string_view> names_kept_from_airflow();

// Letters, digits and underlines, beginning with a letter; at most 253.
bool is_airflow_name(std::string_view name);

// What is wrong with the name, and what would be right; empty: nothing.
std::string why_not_for_airflow(std::string_view name);

// A program cannot be given a NUL: no container of Airflow would start.
bool is_airflow_value(std::string_view value);

}  // namespace atelier::api
