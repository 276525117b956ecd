#include "workloads/socket/config.hpp"

#include "libs/http/url.hpp"
#include "libs/redis/url.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <vector>

namespace chatflow::socket {
namespace {

using config::file_key;
using config::store_address;
using config::store_log_level;
using config::store_number;
using config::store_readable_path;
using config::store_time;

// Puts a text into its place; returns what is expected when the text cannot be used.
using Store = std::string (*)(Config& config, const std::string& text);

struct Setting {
    const char* name;  // without CHATFLOW_
    const char* fallback;
    const char* meaning;
    Store store;
};

std::string store_text(std::string& place, const std::string& text) {
    place = text;
    return {};
}

std::string store_redis(redis::Options& place, const std::string& text) {
    auto options = redis::parse_url(text);
    if (!options) return std::move(options.error());
    options->client_name = "chatflow-socket";
    place = *std::move(options);
    return {};
}

// A URL may hold a password, which has no place among variables.
std::string store_redis_file(redis::Options& place, const std::string& path) {
    std::ifstream file(path);
    std::string text;
    if (!std::getline(file, text)) return "must be a readable file, not " + path;
    return store_redis(place, text);
}

std::string store_redis_password(redis::Options& place, const std::string& path) {
    std::ifstream file(path);
    if (!file || !std::getline(file, place.password)) return "must be a readable file";
    return {};
}

// The database's settings count once its host is given: see read_config().
postgres::Options& database(Config& config) {
    if (!config.postgres) {
        config.postgres.emplace();
        config.postgres->host.clear();
        config.postgres->pool_size = 4;  // answers are kept in Redis
        config.postgres->application_name = "chatflow-socket";
    }
    return *config.postgres;
}

std::string store_pod(std::string& place, const std::string& text) {
    const bool is_label = text.size() <= 63 && std::ranges::all_of(text, [](char c) {
                              return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
                          });
    if (!is_label) return "must be a name of small letters, digits and dashes";
    place = text;
    return {};
}

std::string store_origins(std::vector<std::string>& place, const std::string& text) {
    place.clear();
    for (std::size_t at = 0; at <= text.size();) {
        const auto comma = std::min(text.find(',', at), text.size());
        auto origin = text.substr(at, comma - at);
        std::erase(origin, ' ');
        if (!origin.empty()) place.push_back(std::move(origin));
        at = comma + 1;
    }
    return {};
}

std::string store_switch(bool& place, const std::string& text) {
    if (text != "on" && text != "off") return "must be on or off";
    place = text == "on";
    return {};
}

std::string store_key_url(std::string& place, const std::string& text) {
    if (!http::parse_http_url(text)) {
        return "must be like https://auth.example/jwks.json, without a password";
    }
    place = text;
    return {};
}

std::string store_application(ApplicationKind& place, const std::string& text) {
    if (text != "platform" && text != "echo") return "must be platform or echo";
    place = text == "echo" ? ApplicationKind::Echo : ApplicationKind::Platform;
    return {};
}

using Text = const std::string&;

const std::vector<Setting>& settings() {
    static const std::vector<Setting> all = {
        {"HTTP_ADDRESS", "0.0.0.0:8080", "where clients connect",
         [](Config& c, Text t) { return store_address(c.http, t); }},
        {"METRICS_ADDRESS", "0.0.0.0:9090", "where /metrics, /health and /drain are served",
         [](Config& c, Text t) { return store_address(c.metrics, t); }},
        {"APPLICATION", "platform", "or echo: what the protocols' suites talk to",
         [](Config& c, Text t) { return store_application(c.application, t); }},
        {"REDIS_URL", "redis://localhost", "also rediss, redis+sentinel, redis+cluster",
         [](Config& c, Text t) { return store_redis(c.redis, t); }},
        {"REDIS_URL_FILE", "", "the same, from a file: for URLs with a password",
         [](Config& c, Text t) { return store_redis_file(c.redis, t); }},
        {"REDIS_PASSWORD_FILE", "", "instead of a password in the URL",
         [](Config& c, Text t) { return store_redis_password(c.redis, t); }},
        {"POSTGRES_HOST", "", "of chat-server's tables; without, everybody may join every room",
         [](Config& c, Text t) { return store_text(database(c).host, t); }},
        {"POSTGRES_PORT", "5432", "",
         [](Config& c, Text t) { return store_number(database(c).port, t, 1, 65535); }},
        {"POSTGRES_DATABASE", "chatflow", "",
         [](Config& c, Text t) { return store_text(database(c).database, t); }},
        {"POSTGRES_USER", "chatflow", "",
         [](Config& c, Text t) { return store_text(database(c).user, t); }},
        {"POSTGRES_PASSWORD_FILE", "", "read again at each connect",
         [](Config& c, Text t) { return store_readable_path(database(c).password_file, t); }},
        {"POSTGRES_SSLMODE", "prefer", "as libpq's sslmode",
         [](Config& c, Text t) { return store_text(database(c).ssl_mode, t); }},
        {"POSTGRES_POOL_SIZE", "4", "connections per pod",
         [](Config& c, Text t) { return store_number(database(c).pool_size, t, 1, 100); }},
        {"AUTH_JWKS_FILE", "", "keys that tokens are checked with; read again when it changes",
         [](Config& c, Text t) { return store_readable_path(c.jwks_file, t); }},
        {"AUTH_JWKS_URL", "", "the same from a server, instead of a file",
         [](Config& c, Text t) { return store_key_url(c.jwks_url, t); }},
        {"AUTH_JWKS_CA_FILE", "", "whose https it trusts; default: the system's authorities",
         [](Config& c, Text t) { return store_readable_path(c.jwks_ca_file, t); }},
        {"AUTH_JWKS_REFRESH_SECONDS", "300", "between two reads of the URL",
         [](Config& c, Text t) { return store_time(c.jwks_period, t, 10, 86'400); }},
        {"AUTH_ISSUER", "", "of tokens; default: any",
         [](Config& c, Text t) { return store_text(c.token_issuer, t); }},
        {"AUTH_AUDIENCE", "", "of tokens; default: any",
         [](Config& c, Text t) { return store_text(c.token_audience, t); }},
        {"CONNECTIONS_PER_USER", "5", "over all pods",
         [](Config& c, Text t) { return store_number(c.connections_per_user, t, 1, 1000); }},
        {"RECOVERY_SECONDS", "120", "a client that comes back within it misses nothing",
         [](Config& c, Text t) { return store_time(c.recovery_window, t, 1, 86'400); }},
        {"CONNECTIONS_MAX", "20000", "of this pod; more get 503",
         [](Config& c, Text t) { return store_number(c.engine.sessions_max, t, 1, 1'000'000); }},
        {"NEWCOMERS_MAX", "2000", "clients that are being admitted at once; more get 503",
         [](Config& c, Text t) { return store_number(c.engine.newcomers_max, t, 1, 100'000); }},
        {"QUEUE_BYTES", "1048576", "waiting for one client; more closes it",
         [](Config& c, Text t) { return store_number(c.engine.queue_bytes, t, 4096, 1L << 30U); }},
        {"MAX_PAYLOAD", "1000000", "bytes of one message or POST",
         [](Config& c, Text t) {
             return store_number(c.engine.settings.max_payload, t, 1024, 100'000'000);
         }},
        {"PING_INTERVAL_MS", "25000", "between two pings to a client",
         [](Config& c, Text t) {
             return store_time(c.engine.settings.ping_interval, t, 100, 600'000);
         }},
        {"PING_TIMEOUT_MS", "20000", "for its answer",
         [](Config& c, Text t) {
             return store_time(c.engine.settings.ping_timeout, t, 100, 600'000);
         }},
        {"CONNECT_TIMEOUT_MS", "10000", "from a session's begin until it is let in",
         [](Config& c, Text t) { return store_time(c.engine.connect_timeout, t, 100, 600'000); }},
        {"GATHER_MAX_MS", "40", "a message waits no longer for others to share its write",
         [](Config& c, Text t) { return store_time(c.engine.gather_max, t, 1, 1000); }},
        {"DEFLATE", "off", "or on: permessage-deflate with the clients that offer it",
         [](Config& c, Text t) { return store_switch(c.engine.deflates, t); }},
        {"DEFLATE_THRESHOLD", "1024", "bytes; smaller messages are sent as they are",
         [](Config& c, Text t) {
             return store_number(c.engine.deflate_threshold, t, 64, 100'000'000);
         }},
        {"CORS_ORIGINS", "*", "whose pages may connect, separated by commas",
         [](Config& c, Text t) { return store_origins(c.engine.origins, t); }},
        {"POD_ID", "", "part of session ids, so that other pods know whose they are",
         [](Config& c, Text t) { return store_pod(c.engine.pod, t); }},
        {"PEER_ADDRESS", "", "of the pod of an id: {pod}.socket-pods:8080",
         [](Config& c, Text t) { return store_text(c.peer_address, t); }},
        {"LOG_LEVEL", "info", "debug, info, warning, error",
         [](Config& c, Text t) { return store_log_level(c.log_level, t); }},
        {"SHUTDOWN_DELAY_SECONDS", "3", "served on after SIGTERM, until routes have changed",
         [](Config& c, Text t) { return store_time(c.shutdown_delay, t, 0, 600); }},
        {"SHUTDOWN_GRACE_SECONDS", "25", "from SIGTERM to exit; connections are closed over it",
         [](Config& c, Text t) { return store_time(c.shutdown_grace, t, 2, 3600); }},
    };
    return all;
}

void check_keys(const Config& config, FieldErrors& errors) {
    const bool has_file = !config.jwks_file.empty();
    const bool has_url = !config.jwks_url.empty();
    if (config.application == ApplicationKind::Platform && !has_file && !has_url) {
        errors.push_back({"CHATFLOW_AUTH_JWKS_FILE",
                          "must be set, or CHATFLOW_AUTH_JWKS_URL: clients show tokens"});
    }
    if (has_file && has_url) {
        errors.push_back({"CHATFLOW_AUTH_JWKS_URL", "excludes CHATFLOW_AUTH_JWKS_FILE"});
    }
}

}  // namespace

Lookup make_lookup(Lookup flags, Lookup environment, std::string_view yaml, FieldErrors& errors) {
    auto file = config::read_file(yaml, errors);
    std::set<std::string> known;
    for (const Setting& setting : settings()) known.insert(file_key(setting.name));
    for (const auto& [key, value] : file) {
        if (!known.contains(key)) errors.push_back({key, "is not a setting"});
    }
    return [flags = std::move(flags), environment = std::move(environment),
            file = std::move(file)](const std::string& name) -> std::optional<std::string> {
        if (auto text = flags(name)) return text;
        if (auto text = environment("CHATFLOW_" + name)) return text;
        const auto found = file.find(file_key(name));
        if (found == file.end()) return std::nullopt;
        return found->second;
    };
}

std::expected<Config, FieldErrors> read_config(const Lookup& lookup) {
    Config config;
    FieldErrors errors;
    for (const Setting& setting : settings()) {
        const auto text = lookup(setting.name);
        if (!text) continue;
        auto error = setting.store(config, *text);
        if (!error.empty()) {
            errors.push_back({std::string("CHATFLOW_") + setting.name, std::move(error)});
        }
    }
    if (config.postgres && config.postgres->host.empty()) config.postgres.reset();
    if (config.shutdown_delay >= config.shutdown_grace) {
        errors.push_back({"CHATFLOW_SHUTDOWN_DELAY_SECONDS",
                          "must be less than CHATFLOW_SHUTDOWN_GRACE_SECONDS"});
    }
    check_keys(config, errors);
    if (!config.peer_address.empty() && config.engine.pod.empty()) {
        errors.push_back({"CHATFLOW_POD_ID", "must be set with CHATFLOW_PEER_ADDRESS"});
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

}  // namespace chatflow::socket
