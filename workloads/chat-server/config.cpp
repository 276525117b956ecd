#include "workloads/chat-server/config.hpp"

#include "libs/redis/url.hpp"
#include "libs/s3/aws_signature.hpp"

#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <utility>
#include <vector>

namespace chatflow::chat {
namespace {

using config::file_key;
using config::store_address;
using config::store_log_level;
using config::store_name;
using config::store_number;
using config::store_readable_path;

// Puts a text into its place; returns what is expected when the text cannot be used.
using Store = std::string (*)(Config& config, const std::string& text);

struct Setting {
    const char* name;  // without CHATFLOW_
    const char* fallback;
    const char* meaning;
    Store store;
};

std::string store_seconds(std::chrono::seconds& place, const std::string& text, long most) {
    return config::store_time(place, text, 0, most);
}

std::string store_file_content(std::string& place, const std::string& path) {
    std::ifstream file(path);
    if (!file) return "must be a readable file, not " + path;
    place.assign(std::istreambuf_iterator<char>(file), {});
    while (place.ends_with('\n') || place.ends_with('\r')) place.pop_back();
    return {};
}

std::string store_choice(bool& place, const std::string& text, const char* yes, const char* no) {
    if (text != yes && text != no) return std::string("must be ") + yes + " or " + no;
    place = text == yes;
    return {};
}

std::string store_auth(bool& place, const std::string& text) {
    return store_choice(place, text, "required", "off");
}

// Scheme, name and port alone.
std::string store_endpoint(std::string& place, const std::string& text) {
    if (!s3::host_of(text)) return "must be like https://s3.example:9000";
    place = text;
    return {};
}

std::string store_queue_redis(Config& config, const std::string& text) {
    auto options = redis::parse_url(text);
    if (!options) return std::move(options.error());
    if (options->discovery == redis::Discovery::Cluster) {
        return "must be one server or a Sentinel set: jobs use several keys at once";
    }
    options->client_name = "chat-server";
    config.queue_redis = std::move(*options);
    return {};
}

std::string store_queue_password(Config& config, const std::string& path) {
    if (!config.queue_redis) return "is of CHATFLOW_QUEUE_REDIS_URL, which is not set";
    return store_file_content(config.queue_redis->password, path);
}

std::string store_limit(std::optional<RateLimit>& place, const std::string& text) {
    auto limit = parse_rate_limit(text);
    if (!limit) return std::move(limit.error());
    place = *limit;
    return {};
}

std::string store_networks(std::vector<Network>& place, const std::string& text) {
    auto networks = parse_networks(text);
    if (!networks) return std::move(networks.error());
    place = std::move(*networks);
    return {};
}

std::string store_origins(std::vector<std::string>& place, const std::string& text) {
    std::vector<std::string> origins;
    std::stringstream list(text);
    for (std::string origin; std::getline(list, origin, ',');) {
        std::erase(origin, ' ');
        const bool is_origin = origin.starts_with("https://") || origin.starts_with("http://");
        if (origin != "*" && (!is_origin || origin.ends_with('/'))) {
            return "must be origins such as https://chat.example, or *";
        }
        origins.push_back(std::move(origin));
    }
    place = std::move(origins);
    return {};
}

const std::vector<Setting>& settings() {
    static const std::vector<Setting> all = {
        {"HTTP_ADDRESS", "0.0.0.0:8080", "where the API is served",
         [](Config& c, const std::string& t) { return store_address(c.http, t); }},
        {"METRICS_ADDRESS", "0.0.0.0:9090", "where /metrics and /health are served",
         [](Config& c, const std::string& t) { return store_address(c.metrics, t); }},
        {"POSTGRES_HOST", "localhost", "",
         [](Config& c, const std::string& t) { return store_name(c.postgres.host, t); }},
        {"POSTGRES_PORT", "5432", "",
         [](Config& c, const std::string& t) {
             return store_number(c.postgres.port, t, 1, 65535);
         }},
        {"POSTGRES_DATABASE", "chatflow", "",
         [](Config& c, const std::string& t) { return store_name(c.postgres.database, t); }},
        {"POSTGRES_USER", "chatflow", "",
         [](Config& c, const std::string& t) { return store_name(c.postgres.user, t); }},
        {"POSTGRES_PASSWORD_FILE", "", "read again at each connect",
         [](Config& c, const std::string& t) {
             return store_readable_path(c.postgres.password_file, t);
         }},
        {"POSTGRES_SSLMODE", "prefer", "as libpq's sslmode",
         [](Config& c, const std::string& t) { return store_name(c.postgres.ssl_mode, t); }},
        {"POSTGRES_POOL_SIZE", "20", "connections per pod",
         [](Config& c, const std::string& t) {
             return store_number(c.postgres.pool_size, t, 1, 500);
         }},
        {"POSTGRES_DIRECT_ADDRESS", "",
         "host:port of the primary itself, for migrate, where POSTGRES_HOST is a pooler",
         [](Config& c, const std::string& t) {
             return store_address(c.direct_postgres.emplace(), t);
         }},
        {"POSTGRES_READ_ADDRESS", "",
         "host:port of replicas for reads; without it the primary serves all",
         [](Config& c, const std::string& t) {
             return store_address(c.read_postgres.emplace(), t);
         }},
        {"POSTGRES_READ_POOL_SIZE", "10", "connections per pod to replicas",
         [](Config& c, const std::string& t) { return store_number(c.read_pool_size, t, 1, 500); }},
        {"POSTGRES_READ_LAG_MILLISECONDS", "5000", "a replica further behind is not read from",
         [](Config& c, const std::string& t) {
             return config::store_time(c.read_lag_max, t, 500, 600'000);
         }},
        {"REDIS_HOST", "localhost", "",
         [](Config& c, const std::string& t) { return store_name(c.redis.host, t); }},
        {"REDIS_PORT", "6379", "",
         [](Config& c, const std::string& t) { return store_number(c.redis.port, t, 1, 65535); }},
        {"REDIS_PASSWORD_FILE", "", "read at start",
         [](Config& c, const std::string& t) { return store_file_content(c.redis.password, t); }},
        {"REDIS_TLS", "false", "true: by TLS, the certificate is checked",
         [](Config& c, const std::string& t) {
             return store_choice(c.redis.tls.enabled, t, "true", "false");
         }},
        {"REDIS_CA_FILE", "", "authorities for TLS; default: the system's",
         [](Config& c, const std::string& t) {
             return store_readable_path(c.redis.tls.ca_file, t);
         }},
        {"QUEUE_REDIS_URL", "",
         "of the Redis that gateways and workers share, which evicts nothing; default: the one "
         "above",
         [](Config& c, const std::string& t) { return store_queue_redis(c, t); }},
        {"QUEUE_REDIS_PASSWORD_FILE", "", "read at start; for a URL without a password",
         [](Config& c, const std::string& t) { return store_queue_password(c, t); }},
        {"MEDIA_FOLDER", "",
         "where uploads are kept, shared by all pods; without it there are none",
         [](Config& c, const std::string& t) { return store_name(c.media_folder, t); }},
        {"S3_ENDPOINT", "",
         "S3-compatible store for uploads in place of MEDIA_FOLDER: https://s3:9000",
         [](Config& c, const std::string& t) { return store_endpoint(c.s3_endpoint, t); }},
        {"S3_BUCKET", "", "that is there already",
         [](Config& c, const std::string& t) { return store_name(c.s3_bucket, t); }},
        {"S3_REGION", "us-east-1", "",
         [](Config& c, const std::string& t) { return store_name(c.s3_region, t); }},
        {"S3_KEYS_FILE", "", "access key and secret key, a line each",
         [](Config& c, const std::string& t) { return store_file_content(c.s3_keys, t); }},
        {"S3_PUBLIC_ENDPOINT", "",
         "where browsers reach the store; files are then fetched there, by signed addresses",
         [](Config& c, const std::string& t) { return store_endpoint(c.s3_public_endpoint, t); }},
        {"LINK_SECRETS_FILE", "", "one secret a line; the first signs addresses of files",
         [](Config& c, const std::string& t) { return store_file_content(c.link_secrets, t); }},
        {"EXPORT_FOLDER", "", "where the worker writes exports, for their download",
         [](Config& c, const std::string& t) { return store_name(c.export_folder, t); }},
        {"NOTIFY_SECONDS", "0",
         "after which who has not read a direct message is notified, by the worker; 0: nobody is",
         [](Config& c, const std::string& t) { return store_seconds(c.notify_after, t, 86'400); }},
        {"EXPORT_HOURS", "24", "how long a finished export can be fetched",
         [](Config& c, const std::string& t) {
             return config::store_time(c.export_life, t, 1, 24L * 30);
         }},
        {"PAYMENT_SECRETS_FILE", "",
         "one secret a line: the payment gateway and the worker sign with one of them; "
         "without it there are no payments",
         [](Config& c, const std::string& t) { return store_file_content(c.payment_secrets, t); }},
        {"UPLOAD_BYTES_MAX", "10485760", "of one upload",
         [](Config& c, const std::string& t) {
             return store_number(c.upload_bytes_max, t, 1024, 64L << 20U);
         }},
        {"AUTH", "required", "required, or off: whoever reaches the API may do everything",
         [](Config& c, const std::string& t) { return store_auth(c.is_auth_required, t); }},
        {"AUTH_SIGNING_KEYS_FILE", "", "private keys in PEM, Ed25519 or P-256; the first signs",
         [](Config& c, const std::string& t) { return store_file_content(c.signing_keys, t); }},
        {"AUTH_ISSUER", "chatflow", "of access tokens",
         [](Config& c, const std::string& t) { return store_name(c.tokens.issuer, t); }},
        {"AUTH_ACCESS_SECONDS", "900", "life of an access token",
         [](Config& c, const std::string& t) {
             return store_seconds(c.tokens.access_time, t, 86'400);
         }},
        {"AUTH_REFRESH_SECONDS", "2592000", "a session ends when it is not renewed for so long",
         [](Config& c, const std::string& t) {
             return store_seconds(c.tokens.refresh_time, t, 31'536'000);
         }},
        {"LIMIT_API", "100/15m", "requests of a user, or an address, in any such time; or off",
         [](Config& c, const std::string& t) { return store_limit(c.gate.api_limit, t); }},
        {"LIMIT_AUTH", "5/1h", "sign-ups and log-ins of an address; or off",
         [](Config& c, const std::string& t) { return store_limit(c.gate.auth_limit, t); }},
        {"LIMIT_EXPORT", "10/1h", "exports that a user asks for; or off",
         [](Config& c, const std::string& t) { return store_limit(c.gate.export_limit, t); }},
        {"LIMIT_WEBHOOK", "60/1m", "webhooks of an address; or off",
         [](Config& c, const std::string& t) { return store_limit(c.gate.webhook_limit, t); }},
        {"LIMIT_WITHOUT_REDIS", "allow", "or refuse: what happens while nothing can be counted",
         [](Config& c, const std::string& t) {
             return store_choice(c.gate.is_open_without_redis, t, "allow", "refuse");
         }},
        {"CACHE_PREFIX", "chatflow:", "of the keys of kept answers, where platforms share a Redis",
         [](Config& c, const std::string& t) { return store_name(c.cache_prefix, t); }},
        {"CACHE_SECONDS", "60", "how long lists of rooms and profiles are kept in Redis; 0: not",
         [](Config& c, const std::string& t) { return store_seconds(c.answer_life, t, 86'400); }},
        {"IDEMPOTENCY_HOURS", "24", "how long the answer to an Idempotency-Key is kept",
         [](Config& c, const std::string& t) {
             return config::store_time(c.idempotency_life, t, 1, 24L * 30);
         }},
        {"HOUSEKEEPING_SECONDS", "60", "between two rounds that take old things away",
         [](Config& c, const std::string& t) {
             return config::store_time(c.housekeeping, t, 1, 3600);
         }},
        {"CORS_ORIGINS", "", "of pages that may read answers: https://chat.example, …; or *",
         [](Config& c, const std::string& t) { return store_origins(c.cors_origins, t); }},
        {"TRUSTED_PROXIES", "", "networks whose X-Forwarded-For is believed: 10.0.0.0/8, …",
         [](Config& c, const std::string& t) { return store_networks(c.gate.trusted_proxies, t); }},
        {"LOG_LEVEL", "info", "debug, info, warning, error",
         [](Config& c, const std::string& t) { return store_log_level(c.log_level, t); }},
        {"ACCESS_LOG_EVERY", "0", "one access log line per so many requests; 0: none",
         [](Config& c, const std::string& t) {
             return store_number(c.access_log_every, t, 0, 1'000'000);
         }},
        {"SHUTDOWN_DELAY_SECONDS", "3", "served on after SIGTERM, until routes have changed",
         [](Config& c, const std::string& t) { return store_seconds(c.shutdown_delay, t, 600); }},
        {"SHUTDOWN_GRACE_SECONDS", "25", "from SIGTERM to exit, at most",
         [](Config& c, const std::string& t) { return store_seconds(c.shutdown_grace, t, 3600); }},
        {"THREADS", "the CPU limit", "event loops",
         [](Config& c, const std::string& t) { return store_number(c.threads, t, 1, 256); }},
    };
    return all;
}

std::string variable(const Setting& setting) { return std::string("CHATFLOW_") + setting.name; }

// The file's settings by their keys.
std::map<std::string, std::string> read_file(std::string_view yaml, FieldErrors& errors) {
    auto values = config::read_file(yaml, errors);
    std::set<std::string> known;
    for (const Setting& setting : settings()) known.insert(file_key(setting.name));
    for (const auto& [key, value] : values) {
        if (!known.contains(key)) errors.push_back({key, "is not a setting"});
    }
    return values;
}

void check_files(const Config& config, FieldErrors& errors) {
    if (has_files(config) && config.link_secrets.empty()) {
        errors.push_back({"CHATFLOW_LINK_SECRETS_FILE",
                          "is needed with CHATFLOW_MEDIA_FOLDER or CHATFLOW_S3_ENDPOINT"});
    }
    if (config.s3_endpoint.empty()) return;
    if (!config.media_folder.empty()) {
        errors.push_back({"CHATFLOW_S3_ENDPOINT", "cannot be used beside CHATFLOW_MEDIA_FOLDER"});
    }
    if (config.s3_bucket.empty()) errors.push_back({"CHATFLOW_S3_BUCKET", "is needed"});
    if (!s3::parse_keys(config.s3_keys, config.s3_region)) {
        errors.push_back({"CHATFLOW_S3_KEYS_FILE", "must have an access key and a secret key"});
    }
}

}  // namespace

std::expected<Config, FieldErrors> read_config(const Lookup& environment, std::string_view yaml,
                                               unsigned default_threads) {
    Config config;
    config.threads = default_threads;
    FieldErrors errors;
    const auto file = read_file(yaml, errors);
    for (const Setting& setting : settings()) {
        auto text = environment(variable(setting));
        const auto from_file = file.find(file_key(setting.name));
        if (!text && from_file != file.end()) text = from_file->second;
        if (!text) continue;
        auto error = setting.store(config, *text);
        if (!error.empty()) errors.push_back({variable(setting), std::move(error)});
    }
    check_files(config, errors);
    if (config.shutdown_delay > config.shutdown_grace) {
        errors.push_back({"CHATFLOW_SHUTDOWN_DELAY_SECONDS",
                          "must not be more than CHATFLOW_SHUTDOWN_GRACE_SECONDS"});
    }
    if (!errors.empty()) return std::unexpected(std::move(errors));
    return config;
}

std::string describe_settings() {
    std::string text(config::kSettingsHeading);
    for (const Setting& setting : settings()) {
        text += config::describe(setting.name, setting.meaning, setting.fallback);
    }
    return text;
}

}  // namespace chatflow::chat
