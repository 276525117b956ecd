#include "controller/cli/check_command.hpp"
#include "controller/cli/control_command.hpp"
#include "controller/cli/decide_command.hpp"
#include "controller/cli/exit_code.hpp"
#include "controller/cli/explain_command.hpp"
#include "controller/cli/simulate_command.hpp"
#include "controller/cli/status_command.hpp"
#include "controller/cli/version_command.hpp"
#include "libs/base/version.hpp"

#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    using namespace chatflow::cli;
    std::ios::sync_with_stdio(false);

    CLI::App app{"Explains and replays what Chatflow decides", "kubectl chatflow"};
    app.set_version_flag("--version", "kubectl-chatflow " + std::string(chatflow::version()));
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  kubectl chatflow explain sp/chat-server -n chat\n"
        "  kubectl chatflow pause sp/chat-server --down --for 2h --reason \"migration\"\n"
        "  kubectl chatflow status pgt/chat-db -n chat\n"
        "  kubectl chatflow check api -n chatflow-system\n"
        "  kubectl chatflow decide < cases.jsonl > decisions.jsonl\n"
        "  kubectl chatflow simulate -f policy.yaml --csv load.csv --compare hpa\n"
        "\n"
        "Exit codes:\n"
        "  0  done\n"
        "  1  an input cannot be used, nothing was found, or a check failed\n"
        "  2  an argument is wrong");

    ExitCode code = ExitCode::Ok;
    add_explain_command(app, code);
    add_status_command(app, code);
    add_control_commands(app, code);
    add_decide_command(app, code);
    add_simulate_command(app, code);
    add_check_command(app, code);
    add_version_command(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::Usage);
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << '\n';
        return static_cast<int>(ExitCode::Failed);
    }
    return static_cast<int>(code);
}
