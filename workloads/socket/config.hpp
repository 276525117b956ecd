#pragma once

#include "libs/base/field_error.hpp"
#include "libs/base/log.hpp"
#include "libs/config/values.hpp"
#include "libs/postgres/options.hpp"
#include "libs/redis/options.hpp"
#include "workloads/socket/transport/engine_options.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::socket {

using config::Address;

enum class ApplicationKind {
    Platform,  // rooms in Redis, tokens, presence
    Echo       // that of the protocols' suites: no Redis, no authentication
};

/// Everything that can be set from outside, checked.
struct Config {
    Address http{.port = 8080};
    Address metrics{.port = 9090};
    ApplicationKind application = ApplicationKind::Platform;
    EngineOptions engine;      // but address, port and forward
    std::string peer_address;  // "{pod}.socket-pods:8080"; empty: polls are not passed on
    redis::Options redis{.client_name = "chatflow-socket"};
    /// Of chat-server's tables, which say who may be in which room; without, everybody may.
    std::optional<postgres::Options> postgres;
    std::string jwks_file;
    std::string jwks_url;  // instead of the file
    std::string jwks_ca_file;
    std::chrono::seconds jwks_period{300};
    std::string token_issuer;
    std::string token_audience;
    std::size_t connections_per_user = 5;
    std::chrono::seconds recovery_window{120};
    LogLevel log_level = LogLevel::Info;
    std::chrono::seconds shutdown_delay{3};
    std::chrono::seconds shutdown_grace{25};
};

/// The text of a setting by its name without CHATFLOW_, "HTTP_ADDRESS"; nothing when it is not set.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// Looks into `flags`, then `environment` (by the whole name), then the YAML text, whose keys are
/// the names in lower case without "chatflow_". Keys that are no settings are errors.
[[nodiscard]] Lookup make_lookup(Lookup flags, Lookup environment, std::string_view yaml,
                                 FieldErrors& errors);

/// Names every error at once, by the name of the variable.
[[nodiscard]] std::expected<Config, FieldErrors> read_config(const Lookup& lookup);

/// The variables with their defaults and meaning, for --help.
[[nodiscard]] std::string describe_settings();

}  // namespace chatflow::socket
