#include "controller/redis_agent/options.hpp"

#include "libs/base/version.hpp"

#include <CLI/CLI.hpp>

namespace chatflow::redis_agent {
namespace {

using redis_topology::parse_place;

/// Values that need a type of ours after the command line was read.
struct Texts {
    std::string self;
    std::vector<std::string> nodes;
};

std::string is_place(const std::string& text) {
    const auto place = parse_place(text);
    return place ? "" : place.error();
}

std::vector<Place> places(const std::vector<std::string>& texts) {
    std::vector<Place> all;
    for (const std::string& text : texts) all.push_back(*parse_place(text));
    return all;
}

void add_common(CLI::App& command, Options& options) {
    command.add_option("--name", options.name, "The topology")->required();
    command.add_option("--password-file", options.password_file, "Password of all its servers");
    command.add_option("--tls-folder", options.tls_folder,
                       "Folder with tls.crt, tls.key and ca.crt: every connection by TLS");
    command.add_option("--server-name", options.server_name,
                       "A name that every server's certificate is good for");
}

CLI::Option* add_settings(CLI::App& command, Options& options) {
    return command.add_option("--settings", options.settings,
                              "File with the Sentinels, their times and the lag of readers");
}

void add_servers(CLI::App& command, Options& options, Texts& texts) {
    command.add_option("--self", texts.self, "HOST:PORT of this server")
        ->required()
        ->check(is_place);
    add_settings(command, options);
    command.add_option("--node", texts.nodes, "HOST:PORT that may be master, the first first")
        ->check(is_place);
}

/// Of a server of Redis Cluster, or of one that Sentinels watch.
void add_cluster(CLI::App& command, Options& options, const Texts& texts) {
    command.add_flag("--cluster", options.cluster, "A node of Redis Cluster, without Sentinels");
    command.add_flag("--ephemeral", options.ephemeral, "Writes are not kept in a file");
    command.final_callback([&options, &texts] {
        if (options.cluster || (!options.settings.empty() && !texts.nodes.empty())) return;
        throw CLI::ValidationError("--settings and --node are needed without --cluster");
    });
}

void add_program(CLI::App& command, Options& options) {
    command.add_option("--folder", options.folder, "Folder that lasts")->capture_default_str();
    command.add_option("--run-folder", options.run_folder, "Folder of this start")
        ->capture_default_str();
    command.add_option("--server", options.server, "The program to become")->required();
    command
        .add_option("--preload", options.preload, "A library for it, where there is such a file")
        ->capture_default_str();
}

void add_copies(CLI::App& command, Options& options) {
    command.add_option("--folder", options.folder, "Folder to write to")->capture_default_str();
    command.add_option("--backup", options.backup, "The backup's name");
    command.add_option("--client", options.client, "redis-cli")->required();
    command.add_option("--check", options.check, "redis-check-rdb")->required();
    command.add_option("--result", options.result, "File for the outcome")->capture_default_str();
}

}  // namespace

std::expected<Options, int> parse_options(int argc, char** argv) {
    Options options;
    Texts texts;
    CLI::App app{"Starts Redis nodes and Sentinels of a RedisTopology and keeps its addresses.",
                 "chatflow-redis"};
    app.set_version_flag("--version", std::string(version()));
    app.require_subcommand(1);

    auto* start = app.add_subcommand("start", "Asks the Sentinels, then becomes redis-server");
    add_common(*start, options);
    add_servers(*start, options, texts);
    add_program(*start, options);
    add_cluster(*start, options, texts);
    start->add_option("--plain-port", options.plain_port, "Port in the clear, beside TLS");
    start->add_option("--include", options.includes, "A file of redis.conf to include");
    start->add_option("--include-if-there", options.includes_if_there, "… that may be missing");

    auto* sentinel = app.add_subcommand("sentinel", "Becomes redis-sentinel");
    add_common(*sentinel, options);
    add_servers(*sentinel, options, texts);
    sentinel->get_option("--settings")->required();
    sentinel->get_option("--node")->required();
    add_program(*sentinel, options);
    sentinel->add_option("--identity", options.identity, "Text that the fixed id is made from")
        ->required();

    auto* hand_over = app.add_subcommand(
        "hand-over", "If this node is master, makes another one master; before it is stopped");
    add_common(*hand_over, options);
    add_servers(*hand_over, options, texts);
    add_cluster(*hand_over, options, texts);

    auto* route = app.add_subcommand("route", "Keeps the addresses -rw and -ro");
    add_common(*route, options);
    route->add_option("--namespace", options.name_space, "Namespace of the topology")->required();
    route->add_option("--sentinel", texts.self, "HOST:PORT of the Sentinel beside it")
        ->required()
        ->check(is_place);
    add_settings(*route, options)->required();

    auto* backup = app.add_subcommand("backup", "Copies the data set of a node, or of each shard");
    add_common(*backup, options);
    add_copies(*backup, options);
    backup->get_option("--backup")->required();
    backup->add_option("--node", texts.nodes, "HOST:PORT of a node of each shard, in order")
        ->required()
        ->check(is_place);
    backup->add_option("--keep", options.keep, "How many of the newest stay")
        ->check(CLI::Range(1, 365));

    auto* restore = app.add_subcommand("restore", "Gives an empty data folder a backup's data");
    add_common(*restore, options);
    add_copies(*restore, options);
    restore->add_option("--from", options.from, "Folder with backups")->required();
    restore->add_flag("--appendonly", options.appendonly, "The node keeps an append-only file");
    restore->add_option("--shard", options.shard, "Whose first node this is")
        ->check(CLI::Range(0, 1023));
    restore->add_option("--shards", options.shards, "Of the topology")->check(CLI::Range(1, 1024));
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& refusal) {
        return std::unexpected(app.exit(refusal) == 0 ? 0 : 2);
    }
    options.command = start->parsed()      ? Command::Start
                      : sentinel->parsed() ? Command::Sentinel
                      : route->parsed()    ? Command::Route
                      : backup->parsed()   ? Command::Backup
                      : restore->parsed()  ? Command::Restore
                                           : Command::HandOver;
    if (!texts.self.empty()) options.self = *parse_place(texts.self);
    options.nodes = places(texts.nodes);
    return options;
}

}  // namespace chatflow::redis_agent
