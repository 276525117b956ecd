#pragma once

#include "controller/domain/redis/place.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace chatflow::redis_agent {

using redis_topology::Place;

enum class Command { Start, Sentinel, Route, HandOver, Backup, Restore };

/// What the command line of chatflow-redis says.
struct Options {
    Command command = Command::Start;
    std::string name;  // of the topology, and of its master to the Sentinels
    std::string password_file;
    std::string tls_folder;   // with tls.crt, tls.key and ca.crt; empty: in the clear
    std::string server_name;  // that every server's certificate is good for

    // start, sentinel, hand-over; of route the Sentinel beside it
    Place self;
    std::string settings;          // the file that read_settings() reads
    std::vector<Place> nodes;      // that may be master; the first is, of a new topology
    std::string folder = "/data";  // that lasts
    std::string run_folder = "/run/redis";
    std::string server;  // the program to become
    // Preloaded into it where there is such a file: see error_queue.cpp.
    std::string preload = "/usr/lib/chatflow/chatflow-redis-errors.so";

    // start
    std::uint16_t plain_port = 0;                // in the clear, beside TLS; 0: none
    std::vector<std::string> includes;           // files of redis.conf
    std::vector<std::string> includes_if_there;  // … that may be missing

    // start, hand-over
    bool cluster = false;    // a node of Redis Cluster: no Sentinels
    bool ephemeral = false;  // it keeps no file of its writes

    // sentinel
    std::string identity;  // what the Sentinel's fixed id is made from

    // backup, restore
    std::string backup;                           // its name; of restore empty: the newest
    std::string from;                             // restore: the folder with backups
    int keep = 7;                                 // backup: the newest ones
    int shard = 0;                                // restore: whose first node this is
    int shards = 1;                               // restore: of the topology
    bool appendonly = false;                      // restore: for a node with an append-only file
    std::string client;                           // redis-cli
    std::string check;                            // redis-check-rdb
    std::string result = "/dev/termination-log";  // the file that tells the operator

    // route
    std::string name_space;
};

/// The options, or the exit code after help or a refusal was printed.
[[nodiscard]] std::expected<Options, int> parse_options(int argc, char** argv);

}  // namespace chatflow::redis_agent
