#pragma once

#include "libs/base/field_error.hpp"
#include "libs/base/log.hpp"
#include "libs/postgres/options.hpp"
#include "libs/redis/options.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chatflow::worker {

/// Who does the jobs of a queue.
enum class ProcessorKind {
    Callback,   // an HTTP service of the team, called with each job
    Thumbnail,  // pictures made small, in a child process
    Exports,    // messages of a room or a user, into a file
    Audits,
    Notifications,
    Workflows,
    Payments,  // Callback, of a payment gateway
    Echo,      // gives back what it got: to try a queue out, and to measure
};

struct QueueConfig {
    std::string name;
    ProcessorKind processor = ProcessorKind::Callback;
    std::uint32_t concurrency = 0;  // 0 until read_config puts Config::concurrency there
    std::string url;                // of Callback and Payments
    std::string secret;             // signs what is sent to services; empty: not signed
    std::chrono::seconds timeout{30};
    std::string review_queue;     // gets a job for people when one has failed for good; or empty
    std::uint32_t rate_jobs = 0;  // begun at most in `rate_time`; 0: no limit
    std::chrono::milliseconds rate_time{1000};

    bool operator==(const QueueConfig&) const = default;
};

/// Sends e-mail for us: POST {"to","subject","text"}.
struct EmailService {
    std::string url;  // empty: none
    std::string secret;
};

/// Pictures in an S3-compatible store, in place of the folder.
struct PictureBucket {
    std::string endpoint;  // empty: the folder
    std::string name;
    std::string region = "us-east-1";
    std::string keys;  // access key and secret key, a line each
};

/// Everything that can be set from outside, checked.
struct Config {
    redis::Options redis{.client_name = "worker"};
    std::string prefix = "bull";
    std::string name;  // as dashboards show it
    std::string http_host = "0.0.0.0";
    std::uint16_t http_port = 9090;
    std::uint32_t concurrency = 10;  // of queues that do not say it
    std::chrono::seconds lock_time{30};
    std::chrono::seconds stalled_interval{30};
    std::chrono::seconds shutdown_grace{25};
    std::string media_folder = "/var/lib/chatflow/media";
    PictureBucket pictures;
    std::string export_folder = "/var/lib/chatflow/exports";
    EmailService email;
    postgres::Options postgres{.host = "", .application_name = "worker", .pool_size = 2};
    LogLevel log_level = LogLevel::Info;
    std::vector<QueueConfig> queues;
};

/// A setting by its name, CHATFLOW_REDIS_URL; nothing when it is not set.
using Lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// From the file's text and the environment, which goes before the file. All errors at once.
[[nodiscard]] std::expected<Config, FieldErrors> read_config(const Lookup& environment,
                                                             std::string_view yaml);

/// For --help.
[[nodiscard]] std::string describe_settings();

}  // namespace chatflow::worker
