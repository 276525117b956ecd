// chat-server: the HTTP API of the platform. Start reading at serve().
#include "libs/base/cpu_limit.hpp"
#include "libs/base/version.hpp"
#include "workloads/chat-server/chat_server.hpp"
#include "workloads/chat-server/config.hpp"
#include "workloads/chat-server/io/migrations.hpp"
#include "workloads/chat-server/io/session_settings.hpp"
#include "workloads/chat-server/set_role.hpp"

#include <cstdlib>
#include <expected>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>

#include <CLI/CLI.hpp>
#include <pqxx/connection>

namespace {

using namespace chatflow;
using chat::Config;

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

std::expected<Config, FieldErrors> read_settings(const std::string& config_file) {
    std::string yaml;
    if (!config_file.empty()) {
        std::ifstream file(config_file);
        if (!file) return std::unexpected(FieldErrors{{config_file, "cannot be read"}});
        yaml.assign(std::istreambuf_iterator<char>(file), {});
    }
    const unsigned threads =
        threads_for(cpu_limit("/sys/fs/cgroup"), std::thread::hardware_concurrency());
    return chat::read_config(environment, yaml, threads);
}

// Ends the program, naming every error, when the settings cannot be used.
Config settings_or_exit(const std::string& config_file) {
    auto config = read_settings(config_file);
    if (config) return *config;
    for (const FieldError& error : config.error()) {
        std::cerr << "chat-server: " << error.path << ": " << error.message << "\n";
    }
    std::exit(EXIT_FAILURE);
}

int serve(const Config& config, const std::string& config_file) {
    const Log log("chat-server", config.log_level);
    chat::ChatServer server(config, log, [config_file] { return read_settings(config_file); });
    server.run();
    return EXIT_SUCCESS;
}

int migrate(const Config& config) {
    const Log log("chat-server", config.log_level);
    pqxx::connection connection(postgres::connection_string(chat::direct_postgres(config)));
    for (const std::string& name : chat::migrate(connection)) {
        log.info("Applied a migration", {{"name", name}});
    }
    if (config.direct_postgres) chat::give_settings_to_role(connection);
    log.info("The schema is current", {{"version", chat::newest_migration()}});
    return EXIT_SUCCESS;
}

int set_role(const Config& config, const std::string& handle, const std::string& name) {
    const Log log("chat-server", config.log_level);
    const auto role = chat::role_named(name).value();
    if (chat::set_role_everywhere(config, handle, role, log)) return EXIT_SUCCESS;
    std::cerr << "chat-server: there is no user " << handle << "\n";
    return EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("The HTTP API of a Chatflow platform: accounts, rooms and messages.",
                 "chat-server");
    app.set_version_flag("--version", std::string(version()));
    app.footer(chat::describe_settings());
    std::string config_file;
    app.add_option("--config", config_file, "YAML file with settings")->envname("CHATFLOW_CONFIG");
    app.add_subcommand("serve", "Serve the API (the default)");
    const auto* const migrating =
        app.add_subcommand("migrate", "Bring the database to the schema of this program, and end");
    auto* const promoting =
        app.add_subcommand("set-role", "Make a user a moderator or an admin, or neither again");
    std::string handle;
    std::string role;
    promoting->add_option("handle", handle, "of the user")->required();
    promoting->add_option("role", role, "user, moderator or admin")
        ->required()
        ->check(CLI::IsMember({"user", "moderator", "admin"}));
    app.require_subcommand(0, 1);
    CLI11_PARSE(app, argc, argv);

    try {
        const Config config = settings_or_exit(config_file);
        if (migrating->parsed()) return migrate(config);
        if (promoting->parsed()) return set_role(config, handle, role);
        return serve(config, config_file);
    } catch (const std::exception& error) {
        std::cerr << "chat-server: " << error.what() << "\n";
        return EXIT_FAILURE;
    }
}
