#include "controller/cli/why_not_text.hpp"

#include "controller/api/names.hpp"
#include "controller/cli/paragraphs.hpp"
#include "controller/domain/scaling/outlook.hpp"
#include "controller/domain/scaling/why_not.hpp"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace chatflow::cli {
namespace {

using api::ScaleDirection;
using scaling::Hindrance;
using scaling::WhyNot;

std::string moment(TimePoint at, TimePoint now) {
    const std::string clock = format_rfc3339(at);
    if (at <= now) return fmt::format("now ({})", clock);
    return fmt::format("in {} ({})", format_age(std::chrono::floor<std::chrono::seconds>(at - now)),
                       clock);
}

std::string text_of(const WhyNot& answer, TimePoint now) {
    const bool is_up = answer.direction == ScaleDirection::Up;
    std::string text = fmt::format("\nWhy not {} pods\n", is_up ? "more" : "fewer");
    text += paragraph(
        fmt::format("{}: {}", answer.is_asked_for ? "asked for" : "not asked for", answer.demand),
        2);
    for (const Hindrance& hindrance : answer.hindrances) {
        // Controls name their end themselves.
        const bool tells_end = hindrance.message.contains(" until ");
        text += paragraph(
            hindrance.until && !tells_end
                ? fmt::format("{}, until {}", hindrance.message, format_rfc3339(*hindrance.until))
                : hindrance.message,
            2);
    }
    if (answer.earliest) {
        return text +
               paragraph(fmt::format("at the earliest {}{}", moment(*answer.earliest, now),
                                     answer.is_asked_for ? "" : ", if asked for from now on"),
                         2);
    }
    constexpr int kHours = scaling::kOutlookSpan.count();
    return text + fmt::format("  not within {} hours as things are\n", kHours);
}

nlohmann::json json_of(const WhyNot& answer) {
    nlohmann::json json = {{"askedFor", answer.is_asked_for},
                           {"demand", answer.demand},
                           {"because", nlohmann::json::array()}};
    for (const Hindrance& hindrance : answer.hindrances) {
        nlohmann::json one = {{"rule", to_string(hindrance.by)}, {"message", hindrance.message}};
        if (hindrance.until) one["until"] = format_rfc3339(*hindrance.until);
        json["because"].push_back(std::move(one));
    }
    if (answer.earliest) json["earliest"] = format_rfc3339(*answer.earliest);
    return json;
}

}  // namespace

std::string why_not_text(const api::ScalingPolicy& policy, TimePoint now) {
    std::string text;
    for (const auto direction : {ScaleDirection::Up, ScaleDirection::Down}) {
        const auto answer = scaling::why_not(policy, direction);
        if (!answer) return "\nWhy not\n  Nothing has been decided for the present spec yet.\n";
        text += text_of(*answer, now);
    }
    return text;
}

nlohmann::json why_not_json(const api::ScalingPolicy& policy) {
    const auto up = scaling::why_not(policy, ScaleDirection::Up);
    const auto down = scaling::why_not(policy, ScaleDirection::Down);
    if (!up || !down) return nullptr;
    return {{"up", json_of(*up)}, {"down", json_of(*down)}};
}

}  // namespace chatflow::cli
