#include "controller/domain/scaling/metric_message.hpp"

#include "controller/api/quantity.hpp"

#include <iterator>

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

using Out = std::back_insert_iterator<std::string>;

void append_level(Out out, std::int64_t level, bool is_percent) {
    if (is_percent) {
        fmt::format_to(out, "{} %", level);
    } else {
        fmt::format_to(out, "{}", to_string(api::Quantity::from_milli(level)));
    }
}

void append_threshold(Out out, const MetricStory& story, const Proposal& proposal) {
    const bool is_above = proposal.ratio > 1.0;
    if (story.band != nullptr) {
        const bool is_inside = story.band->scale_down_below <= proposal.level &&
                               proposal.level <= story.band->scale_up_above;
        if (is_inside) {
            fmt::format_to(out, "between {} % and {} %", story.band->scale_down_below,
                           story.band->scale_up_above);
        } else if (is_above) {
            fmt::format_to(out, "above {} %", story.band->scale_up_above);
        } else {
            fmt::format_to(out, "below {} %", story.band->scale_down_below);
        }
        return;
    }
    fmt::format_to(out, "{} the target of ",
                   proposal.holds ? "within tolerance of"
                   : is_above     ? "above"
                                  : "below");
    append_level(out, story.target, story.is_percent);
}

/// The pods behind the number, where they are not simply all.
void append_pods(Out out, const MetricStory& story) {
    if (story.measured && *story.measured != story.current) {
        fmt::format_to(out, "; measured on {}", pods_text(*story.measured));
    }
    if (story.unready > 0) {
        fmt::format_to(out, "; {} not ready", pods_text(story.unready));
    }
    if (story.missing > 0) {
        fmt::format_to(out, "; {} without a fresh sample", pods_text(story.missing));
    }
}

}  // namespace

std::string pods_text(std::int64_t count) {
    return fmt::format("{} {}", count, count == 1 ? "pod" : "pods");
}

std::string metric_message(const MetricStory& story, const Proposal& proposal) {
    std::string text;
    text.reserve(128);
    const Out out = std::back_inserter(text);
    fmt::format_to(out, "{} is at ", story.name);
    append_level(out, proposal.level, story.is_percent);
    fmt::format_to(out, "{}, ", story.unit);
    append_threshold(out, story, proposal);
    if (proposal.replicas == story.current) {
        fmt::format_to(out, ": {} {}", pods_text(story.current),
                       story.current == 1 ? "stays" : "stay");
    } else {
        fmt::format_to(out, ": {} → {}", story.current, pods_text(proposal.replicas));
        if (story.band != nullptr) {
            fmt::format_to(out, " (aiming at {} %)", story.band->aim_for);
        }
    }
    append_pods(out, story);
    return text;
}

}  // namespace chatflow::scaling
