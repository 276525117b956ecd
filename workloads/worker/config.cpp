#include "workloads/worker/config.hpp"

#include "libs/config/values.hpp"
#include "libs/jobs/queue_keys.hpp"
#include "libs/redis/url.hpp"
#include "libs/s3/aws_signature.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <yaml-cpp/yaml.h>

namespace chatflow::worker {
namespace {

using config::file_key;
using config::store_log_level;
using config::store_name;
using config::store_number;
using config::store_time;

// Puts a text into its place; returns what is expected when it cannot be used.
using Store = std::string (*)(Config& config, const std::string& text);

struct Setting {
    const char* name;  // without CHATFLOW_
    const char* fallback;
    const char* meaning;
    Store store;
};

std::string store_redis(Config& config, const std::string& text) {
    auto options = redis::parse_url(text);
    if (!options) return std::move(options.error());
    config.redis = std::move(*options);
    config.redis.client_name = "worker";
    return {};
}

std::string store_first_line(std::string& place, const std::string& path) {
    std::ifstream file(path);
    if (!file || !std::getline(file, place)) return "must be a readable file";
    return {};
}

std::string store_endpoint(std::string& place, const std::string& text) {
    if (!s3::host_of(text)) return "must be like https://s3.example:9000";
    place = text;
    return {};
}

std::string store_keys(std::string& place, const std::string& path) {
    std::ifstream file(path);
    place.assign(std::istreambuf_iterator<char>(file), {});
    if (!s3::parse_keys(place, "")) return "must be a readable file with two lines";
    return {};
}

std::string store_password_file(Config& config, const std::string& path) {
    return store_first_line(config.redis.password, path);
}

std::string store_address(Config& config, const std::string& text) {
    const auto colon = text.rfind(':');
    const auto* const expected = "must be an address and a port, for instance 0.0.0.0:9090";
    if (colon == std::string::npos) return expected;
    if (!store_number(config.http_port, text.substr(colon + 1), 0, 65535).empty()) return expected;
    config.http_host = text.substr(0, colon);
    return {};
}

bool is_http(std::string_view text) {
    return text.starts_with("http://") || text.starts_with("https://");
}

std::string store_url(std::string& place, const std::string& text) {
    if (!is_http(text)) return "must begin with http:// or https://";
    place = text;
    return {};
}

// "callback" follows from a URL, so that one word says it all; payments:URL is the same of a
// payment gateway.
std::string store_processor(QueueConfig& queue, const std::string& text) {
    static const std::map<std::string_view, ProcessorKind> kinds = {
        {"audits", ProcessorKind::Audits},       {"echo", ProcessorKind::Echo},
        {"exports", ProcessorKind::Exports},     {"notifications", ProcessorKind::Notifications},
        {"thumbnail", ProcessorKind::Thumbnail}, {"workflows", ProcessorKind::Workflows}};
    constexpr std::string_view kPayments = "payments:";
    const bool is_payment = text.starts_with(kPayments);
    const std::string url = is_payment ? text.substr(kPayments.size()) : text;
    if (is_http(url)) {
        queue.processor = is_payment ? ProcessorKind::Payments : ProcessorKind::Callback;
        queue.url = url;
        return {};
    }
    const auto found = kinds.find(text);
    if (found == kinds.end()) {
        return "must be audits, echo, exports, notifications, thumbnail, workflows, the URL of a "
               "service, or payments: and the URL of a gateway";
    }
    queue.processor = found->second;
    return {};
}

// "media=thumbnail payments=http://payments/jobs"
std::string store_queues(Config& config, const std::string& text) {
    std::size_t at = 0;
    config.queues.clear();
    while ((at = text.find_first_not_of(" ,\n", at)) != std::string::npos) {
        const auto end = std::min(text.find_first_of(" ,\n", at), text.size());
        const std::string word = text.substr(at, end - at);
        at = end;
        const auto equals = word.find('=');
        if (equals == std::string::npos) return "must be words like media=thumbnail";
        QueueConfig queue{.name = word.substr(0, equals)};
        auto error = store_processor(queue, word.substr(equals + 1));
        if (!error.empty()) return queue.name + ": " + error;
        config.queues.push_back(std::move(queue));
    }
    return {};
}

const std::vector<Setting>& settings() {
    static const std::vector<Setting> all = {
        {"REDIS_URL", "redis://localhost:6379", "also redis+sentinel:// and redis+cluster://",
         store_redis},
        {"REDIS_PASSWORD_FILE", "", "instead of a password in the URL", store_password_file},
        {"QUEUES", "", "name=processor, several by spaces; see docs/worker.md", store_queues},
        {"QUEUE_PREFIX", "bull", "of all keys; with a {hash tag} in a cluster",
         [](Config& c, const std::string& t) { return store_name(c.prefix, t); }},
        {"CONCURRENCY", "10", "jobs at once, of each queue that does not say it itself",
         [](Config& c, const std::string& t) { return store_number(c.concurrency, t, 1, 10'000); }},
        {"WORKER_NAME", "", "as dashboards show it, for instance the pod's name",
         [](Config& c, const std::string& t) { return store_name(c.name, t); }},
        {"HTTP_ADDRESS", "0.0.0.0:9090", "where /metrics and /health are served", store_address},
        {"LOCK_SECONDS", "30", "without a sign of life until a job is given to another",
         [](Config& c, const std::string& t) { return store_time(c.lock_time, t, 1, 3600); }},
        {"STALLED_SECONDS", "30", "between two looks for jobs without a worker",
         [](Config& c, const std::string& t) {
             return store_time(c.stalled_interval, t, 1, 3600);
         }},
        {"SHUTDOWN_GRACE_SECONDS", "25", "for running jobs after SIGTERM",
         [](Config& c, const std::string& t) { return store_time(c.shutdown_grace, t, 2, 3600); }},
        {"MEDIA_FOLDER", "/var/lib/chatflow/media", "where pictures are read and written",
         [](Config& c, const std::string& t) { return store_name(c.media_folder, t); }},
        {"S3_ENDPOINT", "", "S3-compatible store of pictures in place of MEDIA_FOLDER",
         [](Config& c, const std::string& t) { return store_endpoint(c.pictures.endpoint, t); }},
        {"S3_BUCKET", "", "as chat-server's",
         [](Config& c, const std::string& t) { return store_name(c.pictures.name, t); }},
        {"S3_REGION", "us-east-1", "",
         [](Config& c, const std::string& t) { return store_name(c.pictures.region, t); }},
        {"S3_KEYS_FILE", "", "access key and secret key, a line each",
         [](Config& c, const std::string& t) { return store_keys(c.pictures.keys, t); }},
        {"EXPORT_FOLDER", "/var/lib/chatflow/exports", "where exports are written",
         [](Config& c, const std::string& t) { return store_name(c.export_folder, t); }},
        {"EMAIL_URL", "", "of the service that sends e-mail for notifications",
         [](Config& c, const std::string& t) { return store_url(c.email.url, t); }},
        {"EMAIL_SECRET_FILE", "", "signs what that service gets",
         [](Config& c, const std::string& t) { return store_first_line(c.email.secret, t); }},
        {"POSTGRES_HOST", "", "for exports, audits, and notifications that were read",
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
             std::string unused;
             auto error = store_first_line(unused, t);
             if (error.empty()) c.postgres.password_file = t;
             return error;
         }},
        {"POSTGRES_SSLMODE", "prefer", "as libpq's sslmode",
         [](Config& c, const std::string& t) { return store_name(c.postgres.ssl_mode, t); }},
        {"LOG_LEVEL", "info", "debug, info, warning or error",
         [](Config& c, const std::string& t) { return store_log_level(c.log_level, t); }},
    };
    return all;
}

std::string variable(const Setting& setting) { return std::string("CHATFLOW_") + setting.name; }

std::string store_field(QueueConfig& queue, const std::string& field, const std::string& text) {
    if (field == "processor") return store_processor(queue, text);
    if (field == "concurrency") return store_number(queue.concurrency, text, 1, 10'000);
    if (field == "secret_file") return store_first_line(queue.secret, text);
    if (field == "timeout_seconds") return store_time(queue.timeout, text, 1, 3600);
    if (field == "review_queue") return store_name(queue.review_queue, text);
    if (field == "rate_jobs") return store_number(queue.rate_jobs, text, 1, 1'000'000);
    if (field == "rate_milliseconds") return store_time(queue.rate_time, text, 1, 86'400'000);
    return "is no setting of a queue";
}

void read_queues(const YAML::Node& node, Config& config, FieldErrors& errors) {
    if (!node.IsMap()) return errors.push_back({"queues", "must be a map of names"});
    for (const auto& entry : node) {
        QueueConfig queue{.name = entry.first.Scalar()};
        const std::string path = "queues." + queue.name;
        if (!entry.second.IsMap()) {
            errors.push_back({path, "must be a map with processor"});
            continue;
        }
        bool has_processor = false;
        for (const auto& field : entry.second) {
            const std::string name = field.first.Scalar();
            has_processor = has_processor || name == "processor";
            auto error = store_field(queue, name, field.second.Scalar());
            if (!error.empty()) errors.push_back({path + "." + name, std::move(error)});
        }
        if (!has_processor) errors.push_back({path + ".processor", "is required"});
        config.queues.push_back(std::move(queue));
    }
}

// The file's settings by their names in the environment; queues go to their place.
std::vector<std::pair<std::string, std::string>> read_file(std::string_view yaml, Config& config,
                                                           FieldErrors& errors) {
    std::vector<std::pair<std::string, std::string>> values;
    try {
        const YAML::Node root = YAML::Load(std::string(yaml));
        if (root.IsNull()) return values;
        if (!root.IsMap()) {
            errors.push_back({"config", "must be a map of settings"});
            return values;
        }
        for (const auto& entry : root) {
            const std::string name = entry.first.Scalar();
            const auto is_named = [&name](const Setting& s) { return file_key(s.name) == name; };
            if (name == "queues" && !entry.second.IsScalar()) {
                read_queues(entry.second, config, errors);
            } else if (std::ranges::none_of(settings(), is_named)) {
                errors.push_back({name, "is no setting"});
            } else {
                values.emplace_back(name, entry.second.Scalar());
            }
        }
    } catch (const YAML::Exception& error) {
        errors.push_back({"config", "must be YAML: " + error.msg});
    }
    return values;
}

void check_queues(const Config& config, FieldErrors& errors) {
    if (config.queues.empty()) errors.push_back({"queues", "must name at least one queue"});
    std::set<std::string> seen;
    for (const QueueConfig& queue : config.queues) {
        const std::string path = "queues." + queue.name;
        if (!jobs::is_queue_name(queue.name)) {
            errors.push_back({path, "must be a name without colon and white space"});
        }
        if (!seen.insert(queue.name).second) errors.push_back({path, "must be named only once"});
        if (queue.review_queue == queue.name) {
            errors.push_back({path + ".review_queue", "must be another queue"});
        }
        const bool needs_postgres =
            queue.processor == ProcessorKind::Exports || queue.processor == ProcessorKind::Audits;
        if (needs_postgres && config.postgres.host.empty()) {
            errors.push_back({path, "needs CHATFLOW_POSTGRES_HOST"});
        }
    }
}

void check_pictures(const PictureBucket& bucket, FieldErrors& errors) {
    if (bucket.endpoint.empty()) return;
    if (bucket.name.empty()) errors.push_back({"CHATFLOW_S3_BUCKET", "is needed"});
    if (bucket.keys.empty()) errors.push_back({"CHATFLOW_S3_KEYS_FILE", "is needed"});
}

}  // namespace

std::expected<Config, FieldErrors> read_config(const Lookup& environment, std::string_view yaml) {
    Config config;
    FieldErrors errors;
    const auto file = read_file(yaml, config, errors);
    for (const Setting& setting : settings()) {
        std::string path = variable(setting);
        auto text = environment(path);
        if (!text) {
            path = file_key(setting.name);
            const auto found = std::ranges::find(file, path, &decltype(file)::value_type::first);
            if (found != file.end()) text = found->second;
        }
        if (!text) continue;
        auto error = setting.store(config, *text);
        if (!error.empty()) errors.push_back({path, std::move(error)});
    }
    for (QueueConfig& queue : config.queues) {
        if (queue.concurrency == 0) queue.concurrency = config.concurrency;
        // A payment that has failed for good is never only a log line.
        if (queue.processor == ProcessorKind::Payments && queue.review_queue.empty()) {
            queue.review_queue = queue.name + "-review";
        }
    }
    check_queues(config, errors);
    check_pictures(config.pictures, errors);
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

}  // namespace chatflow::worker
