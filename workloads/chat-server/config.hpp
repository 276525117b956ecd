#pragma once

#include "libs/base/field_error.hpp"
#include "libs/base/log.hpp"
#include "libs/config/values.hpp"
#include "libs/postgres/options.hpp"
#include "libs/redis/options.hpp"
#include "workloads/chat-server/domain/gate_settings.hpp"
#include "workloads/chat-server/domain/identity.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::chat {

using config::Address;

/// Everything that can be set from outside, checked.
struct Config {
    Address http{.port = 8080};
    Address metrics{.port = 9090};
    postgres::Options postgres{.application_name = "chat-server"};
    std::optional<Address> direct_postgres;  // the primary, where `postgres` is a pooler
    std::optional<Address> read_postgres;    // replicas for reads; none: the primary serves them
    std::size_t read_pool_size = 10;
    std::chrono::milliseconds read_lag_max{5000};
    redis::Options redis{.client_name = "chat-server"};  // the cache: it may forget
    std::optional<redis::Options> queue_redis;  // keeps jobs and what rooms are told; none: `redis`
    std::string media_folder;                   // where uploads are kept; empty: there are none
    std::string s3_endpoint;                    // in place of the folder: https://s3.example:9000
    std::string s3_bucket;
    std::string s3_keys;  // access key and secret key, a line each
    std::string s3_region = "us-east-1";
    std::string s3_public_endpoint;  // where browsers fetch files; empty: through chat-server
    std::string link_secrets;        // one a line; the first signs addresses of files
    std::string export_folder;  // where the worker writes exports; empty: none are fetched here
    std::chrono::hours export_life{24};    // of a finished export
    std::chrono::seconds notify_after{0};  // of a direct message that is not read; 0: never
    std::string payment_secrets;  // one a line: of webhooks and the worker; empty: no payments
    std::size_t upload_bytes_max = 10U << 20U;
    bool is_auth_required = true;
    std::string signing_keys;  // PEM; the first signs
    TokenSettings tokens;
    GateSettings gate{.api_limit = RateLimit{100, std::chrono::minutes(15)},
                      .auth_limit = RateLimit{5, std::chrono::hours(1)},
                      .export_limit = RateLimit{10, std::chrono::hours(1)},
                      .webhook_limit = RateLimit{60, std::chrono::minutes(1)}};
    std::string cache_prefix = "chatflow:";  // of keys of answers
    std::chrono::seconds answer_life{60};    // in the cache; 0: none is kept
    std::chrono::hours idempotency_life{24};
    std::chrono::seconds housekeeping{60};  // between two rounds
    std::vector<std::string> cors_origins;  // of pages that may read answers; "*": all
    LogLevel log_level = LogLevel::Info;
    std::uint32_t access_log_every = 0;       // one line per so many requests; 0: none
    std::chrono::seconds shutdown_delay{3};   // served on after SIGTERM, until routes have changed
    std::chrono::seconds shutdown_grace{25};  // then for running requests, in all
    unsigned threads = 1;
};

/// Whether uploads have a place.
[[nodiscard]] inline bool has_files(const Config& config) {
    return !config.media_folder.empty() || !config.s3_endpoint.empty();
}

/// How migrations connect: past the pooler.
[[nodiscard]] inline postgres::Options direct_postgres(const Config& config) {
    postgres::Options options = config.postgres;
    if (!config.direct_postgres) return options;
    options.host = config.direct_postgres->host;
    options.port = config.direct_postgres->port;
    return options;
}

/// Where jobs and what rooms are told go.
[[nodiscard]] inline const redis::Options& queue_redis(const Config& config) {
    return config.queue_redis ? *config.queue_redis : config.redis;
}

/// A setting by its name, CHATFLOW_HTTP_ADDRESS; nothing when it is not set.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads settings from the environment and, where that is silent, from the YAML text, whose keys
/// are the same names in lower case without "chatflow_" (http_address: …). Names every error at
/// once, by the name of the variable. `default_threads` stands for CHATFLOW_THREADS.
[[nodiscard]] std::expected<Config, FieldErrors> read_config(const Lookup& environment,
                                                             std::string_view yaml,
                                                             unsigned default_threads);

/// The variables with their defaults and meaning, for --help.
[[nodiscard]] std::string describe_settings();

}  // namespace chatflow::chat
