#include "controller/domain/scaling/freeze.hpp"

#include "libs/base/text.hpp"

#include <fmt/format.h>

namespace chatflow::scaling {
namespace {

constexpr std::size_t kReasonMax = 160;  // bytes; with the note on the end below the field's bound
constexpr std::size_t kShownMax = 40;

}  // namespace

std::optional<api::NamespaceFreeze> freeze_of(
    const std::map<std::string, std::string>& annotations) {
    const auto reason = annotations.find(kFreezeAnnotation);
    if (reason == annotations.end()) return std::nullopt;
    api::NamespaceFreeze freeze{.reason = std::string(cut(reason->second, kReasonMax))};
    const auto until = annotations.find(kFreezeUntilAnnotation);
    if (until == annotations.end()) return freeze;
    freeze.until = parse_rfc3339(until->second);
    if (!freeze.until) {
        freeze.reason += fmt::format(" ({} is no time: {})", kFreezeUntilAnnotation,
                                     cut(until->second, kShownMax));
    }
    return freeze;
}

}  // namespace chatflow::scaling
