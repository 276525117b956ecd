#pragma once

#include "controller/cli/exit_code.hpp"

namespace CLI {
class App;
}

namespace chatflow::cli {

/// override, pause, resume and rebalance: what a person tells a policy, written into its spec.
void add_control_commands(CLI::App& app, ExitCode& code);

}  // namespace chatflow::cli
