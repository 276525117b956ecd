#include "libs/jobs/job_options.hpp"

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

namespace chatflow::jobs {
namespace {

using nlohmann::json;

// Ten years: more is a mistake, and keeps sums within their type.
constexpr double kMillisecondsMax = 315'360'000'000.0;

std::optional<double> number(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const double value = found->get<double>();
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::uint32_t count_of(const json& object, const char* name, std::uint32_t otherwise,
                       std::uint32_t most) {
    const auto value = number(object, name);
    if (!value) return otherwise;
    return static_cast<std::uint32_t>(std::clamp(*value, 0.0, static_cast<double>(most)));
}

std::optional<std::chrono::milliseconds> milliseconds(const json& object, const char* name) {
    const auto value = number(object, name);
    if (!value) return std::nullopt;
    return std::chrono::milliseconds(std::llround(std::clamp(*value, 0.0, kMillisecondsMax)));
}

bool is_true(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string text(const json& object, const char* name) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t whole(double value) { return std::llround(std::clamp(value, 0.0, kMillisecondsMax)); }

Keep parse_keep(const json& options, const char* name) {
    const auto found = options.find(name);
    if (found == options.end()) return {};
    if (found->is_boolean()) return found->get<bool>() ? Keep::none() : Keep::all();
    Keep keep;
    if (found->is_number()) {
        // -1 is BullMQ's word for all.
        const double count = found->get<double>();
        if (count >= 0) keep.count = whole(count);
    } else if (found->is_object()) {
        if (const auto count = number(*found, "count"); count && *count >= 0) {
            keep.count = whole(*count);
        }
        if (const auto age = number(*found, "age"); age && *age >= 0) {
            keep.age = std::chrono::seconds(whole(*age));
        }
    }
    return keep;
}

Backoff parse_backoff(const json& options) {
    const auto found = options.find("backoff");
    if (found == options.end()) return {};
    Backoff backoff;
    if (found->is_number()) {
        backoff.delay = milliseconds(options, "backoff").value_or(backoff.delay);
    } else if (found->is_object()) {
        if (text(*found, "type") == "exponential") backoff.kind = Backoff::Kind::Exponential;
        backoff.delay = milliseconds(*found, "delay").value_or(backoff.delay);
        backoff.jitter = std::clamp(number(*found, "jitter").value_or(0), 0.0, 1.0);
    }
    return backoff;
}

ParentOnFailure parse_on_parent(const json& options) {
    if (is_true(options, "fpof")) return ParentOnFailure::Fail;
    if (is_true(options, "cpof")) return ParentOnFailure::Continue;
    if (is_true(options, "idof")) return ParentOnFailure::IgnoreDependency;
    if (is_true(options, "rdof")) return ParentOnFailure::RemoveDependency;
    return ParentOnFailure::Wait;
}

const char* name_of(ParentOnFailure on_parent) {
    switch (on_parent) {
        case ParentOnFailure::Wait:
            return nullptr;
        case ParentOnFailure::Fail:
            return "fpof";
        case ParentOnFailure::Continue:
            return "cpof";
        case ParentOnFailure::IgnoreDependency:
            return "idof";
        case ParentOnFailure::RemoveDependency:
            return "rdof";
    }
    return nullptr;
}

json to_json(const Keep& keep) {
    if (!keep.age) return *keep.count == 0 ? json(true) : json(*keep.count);
    json written = {{"age", keep.age->count()}};
    if (keep.count) written["count"] = *keep.count;
    return written;
}

}  // namespace

std::optional<JobOptions> parse_job_options(std::string_view text_of_json) {
    const json parsed = json::parse(text_of_json, nullptr, false);
    if (!parsed.is_object()) return std::nullopt;
    JobOptions options;
    options.attempts = std::max(count_of(parsed, "attempts", 1, 1'000'000), 1U);
    options.backoff = parse_backoff(parsed);
    options.delay = milliseconds(parsed, "delay").value_or(options.delay);
    options.priority = count_of(parsed, "priority", 0, JobOptions::kPriorityMax);
    options.lifo = is_true(parsed, "lifo");
    options.job_id = text(parsed, "jobId");
    options.on_complete = parse_keep(parsed, "removeOnComplete");
    options.on_fail = parse_keep(parsed, "removeOnFail");
    options.on_parent = parse_on_parent(parsed);
    options.stack_trace_lines = count_of(parsed, "stackTraceLimit", 10, 1000);
    if (const auto found = parsed.find("de"); found != parsed.end() && found->is_object()) {
        options.deduplication = Deduplication{.id = text(*found, "id"),
                                              .ttl = milliseconds(*found, "ttl"),
                                              .extend = is_true(*found, "extend"),
                                              .replace = is_true(*found, "replace")};
    }
    if (const auto found = parsed.find("parent"); found != parsed.end() && found->is_object()) {
        options.parent = Parent{.id = text(*found, "id"), .queue = text(*found, "queue")};
    }
    return options;
}

std::string to_json(const JobOptions& options) {
    json written = {{"attempts", options.attempts}};
    if (options.backoff.delay.count() > 0) {
        const bool is_fixed = options.backoff.kind == Backoff::Kind::Fixed;
        json& backoff = written["backoff"];
        backoff = {{"type", is_fixed ? "fixed" : "exponential"},
                   {"delay", options.backoff.delay.count()}};
        if (options.backoff.jitter > 0) backoff["jitter"] = options.backoff.jitter;
    }
    if (options.delay.count() > 0) written["delay"] = options.delay.count();
    if (options.priority > 0) written["priority"] = options.priority;
    if (options.lifo) written["lifo"] = true;
    if (!options.job_id.empty()) written["jobId"] = options.job_id;
    if (options.on_complete != Keep::all()) {
        written["removeOnComplete"] = to_json(options.on_complete);
    }
    if (options.on_fail != Keep::all()) written["removeOnFail"] = to_json(options.on_fail);
    if (const char* name = name_of(options.on_parent)) written[name] = true;
    if (options.stack_trace_lines != JobOptions{}.stack_trace_lines) {
        written["stackTraceLimit"] = options.stack_trace_lines;
    }
    if (const auto& deduplication = options.deduplication) {
        json& entry = written["de"];
        entry = {{"id", deduplication->id}};
        if (deduplication->ttl) entry["ttl"] = deduplication->ttl->count();
        if (deduplication->extend) entry["extend"] = true;
        if (deduplication->replace) entry["replace"] = true;
    }
    if (options.parent) {
        written["parent"] = {{"id", options.parent->id}, {"queue", options.parent->queue}};
    }
    return written.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace chatflow::jobs
