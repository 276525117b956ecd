#pragma once

#include "controller/cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace chatflow::cli {

/// `status`: adds the subcommand; its exit code goes to `code` when it ran.
void add_status_command(CLI::App& app, ExitCode& code);

}  // namespace chatflow::cli
