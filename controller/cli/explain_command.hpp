#pragma once

#include "controller/cli/exit_code.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace chatflow::cli {

/// `explain`: adds the subcommand; its exit code goes to `code` when it ran.
void add_explain_command(CLI::App& app, ExitCode& code);

/// The name in "sp/NAME", "scalingpolicy/NAME" or "NAME"; nothing for another kind.
[[nodiscard]] std::optional<std::string> policy_name(std::string_view argument);

}  // namespace chatflow::cli
