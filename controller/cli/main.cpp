#include "controller/cli/decide_command.hpp"
#include "controller/cli/exit_code.hpp"
#include "controller/cli/version_command.hpp"
#include "libs/base/version.hpp"

#include <exception>
#include <iostream>
#include <string>

#include <CLI/CLI.hpp>

int main(int argc, char** argv) {
    using chatflow::cli::ExitCode;
    std::ios::sync_with_stdio(false);

    CLI::App app{"Explains and replays what Chatflow decides", "kubectl chatflow"};
    app.set_version_flag("--version", "kubectl-chatflow " + std::string(chatflow::version()));
    app.require_subcommand(1);
    app.footer(
        "Examples:\n"
        "  kubectl chatflow explain sp/chat-server -n chat\n"
        "  kubectl chatflow explain sp/chat-server --why-not\n"
        "  kubectl chatflow decide < cases.jsonl > decisions.jsonl\n"
        "\n"
        "Exit codes:\n"
        "  0  done                         3  the cluster or the object cannot be read\n"
        "  1  an input cannot be used      4  a check failed, a recomputation disagrees\n"
        "  2  an argument is wrong");

    ExitCode code = ExitCode::Ok;
    chatflow::cli::add_decide_command(app, code);
    chatflow::cli::add_version_command(app);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::Usage);
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << '\n';
        return static_cast<int>(ExitCode::BadInput);
    }
    return static_cast<int>(code);
}
