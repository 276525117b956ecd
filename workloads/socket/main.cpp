// chatflow-socket: the real-time gateway of the platform. Start reading at SocketServer::live().
#include "libs/base/version.hpp"
#include "workloads/socket/config.hpp"
#include "workloads/socket/socket_server.hpp"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <sys/resource.h>

namespace {

using namespace chatflow;

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

// As many connections as the system lets us have.
void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The real-time gateway of a Chatflow platform: Socket.IO and plain WebSocket.",
                 "chatflow-socket");
    app.set_version_flag("--version", std::string(version()));
    app.footer(socket::describe_settings());
    std::string config_file;
    std::string application;
    app.add_option("--config", config_file, "YAML file with settings")->envname("CHATFLOW_CONFIG");
    app.add_option("--application", application, "platform or echo (CHATFLOW_APPLICATION)");
    CLI11_PARSE(app, argc, argv);

    std::string yaml;
    if (!config_file.empty()) {
        std::ifstream file(config_file);
        if (!file) {
            std::cerr << "chatflow-socket: cannot read " << config_file << "\n";
            return EXIT_FAILURE;
        }
        yaml.assign(std::istreambuf_iterator<char>(file), {});
    }
    FieldErrors errors;
    const auto flags = [&](const std::string& name) -> std::optional<std::string> {
        if (name != "APPLICATION" || application.empty()) return std::nullopt;
        return application;
    };
    const auto lookup = socket::make_lookup(flags, environment, yaml, errors);
    const auto config = socket::read_config(lookup);
    if (!config) errors.insert(errors.end(), config.error().begin(), config.error().end());
    for (const FieldError& error : errors) {
        std::cerr << "chatflow-socket: " << error.path << ": " << error.message << "\n";
    }
    if (!errors.empty()) return EXIT_FAILURE;
    try {
        raise_descriptor_limit();
        const Log log("socket", config->log_level);
        socket::SocketServer server(*config, log);
        server.run();
        return EXIT_SUCCESS;
    } catch (const std::exception& error) {
        std::cerr << "chatflow-socket: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
