#include "controller/cli/version_command.hpp"

#include "libs/base/version.hpp"

#include <iostream>

#include <CLI/CLI.hpp>

namespace chatflow::cli {

void add_version_command(CLI::App& app) {
    app.add_subcommand("version", "Print the version")->callback([] {
        std::cout << "kubectl-chatflow " << version() << '\n';
    });
}

}  // namespace chatflow::cli
