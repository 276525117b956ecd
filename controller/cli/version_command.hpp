#pragma once

namespace CLI {
class App;
}

namespace chatflow::cli {

/// `version`: prints the release.
void add_version_command(CLI::App& app);

}  // namespace chatflow::cli
