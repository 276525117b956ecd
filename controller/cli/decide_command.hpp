#pragma once

#include "controller/cli/exit_code.hpp"

#include <istream>
#include <ostream>
#include <string>

namespace CLI {
class App;
}

namespace chatflow::cli {

/// `decide`: adds the subcommand; its exit code goes to `code` when it ran.
void add_decide_command(CLI::App& app, ExitCode& code);

/// One case per line in, one decision per line out, in the same order, each flushed. A line that is
/// no case yields {"id": …, "error": "path: what is allowed"} and, at the end, Failed.
[[nodiscard]] ExitCode decide_lines(std::istream& in, std::ostream& out);

/// The answer to one line, without its end. Sets `is_bad` where it is an error.
[[nodiscard]] std::string decide_line(const std::string& line, bool& is_bad);

}  // namespace chatflow::cli
