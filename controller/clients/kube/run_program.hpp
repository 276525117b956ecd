#pragma once

#include "libs/base/deadline.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace chatflow::kube {

struct Program {
    std::string command;  // with a slash: a path; without: looked for in PATH
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment;  // added to, or instead of, ours
};

struct ProgramResult {
    enum class End { Exited, NotStarted, TookTooLong, WroteTooMuch };
    End end = End::Exited;
    int status = 0;  // 128 + signal when a signal ended it
    std::string output;
};

/// Runs a program with empty input and waits for it; its standard output is returned, its error
/// output goes to ours. Killed at the deadline and when it writes too much. Blocks.
[[nodiscard]] ProgramResult run_program(const Program& program, std::size_t output_bytes_max,
                                        Deadline deadline);

}  // namespace chatflow::kube
