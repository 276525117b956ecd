#pragma once

#include "libs/base/field_error.hpp"

#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace chatflow::api {

/// What a typed client has to know of a kind `K`. Each kind specialises it beside its struct:
///
///     template <>
///     struct KindTraits<Pod> {
///         static constexpr std::string_view kGroup = "";  // core
///         static constexpr std::string_view kVersion = "v1";
///         static constexpr std::string_view kPlural = "pods";
///         static constexpr std::string_view kKind = "Pod";
///         static constexpr bool kNamespaced = true;
///         static Pod decode(const nlohmann::json& object);
///         static nlohmann::json encode(const Pod& object);
///     };
///
/// `K` has a member `metadata` of type ObjectMeta.
///
/// `decode` takes what we know and ignores the rest, as objects may come from a newer API server.
/// It throws DecodeError only for what is no object with a name; an own kind whose spec cannot be
/// used still decodes and says why in `spec_errors`, so that one bad object does not stop a watch.
/// `encode` adds apiVersion and kind and writes no empty fields, so that its result can be sent as
/// a server-side apply patch.
template <class K>
struct KindTraits;

/// The JSON is no object of the kind.
class DecodeError : public std::runtime_error {
 public:
    explicit DecodeError(FieldErrors errors)
        : std::runtime_error(to_string(errors)), errors_(std::move(errors)) {}

    [[nodiscard]] const FieldErrors& errors() const { return errors_; }

 private:
    FieldErrors errors_;
};

template <class K>
concept Kind = requires(const nlohmann::json& json, const K& object) {
    { KindTraits<K>::kGroup } -> std::convertible_to<std::string_view>;
    { KindTraits<K>::kVersion } -> std::convertible_to<std::string_view>;
    { KindTraits<K>::kPlural } -> std::convertible_to<std::string_view>;
    { KindTraits<K>::kKind } -> std::convertible_to<std::string_view>;
    { KindTraits<K>::kNamespaced } -> std::convertible_to<bool>;
    { KindTraits<K>::decode(json) } -> std::same_as<K>;
    { KindTraits<K>::encode(object) } -> std::same_as<nlohmann::json>;
    object.metadata;
};

/// "v1" or "apps/v1".
template <class K>
[[nodiscard]] std::string api_version_of() {
    std::string text(KindTraits<K>::kGroup);
    if (!text.empty()) text += '/';
    return text.append(KindTraits<K>::kVersion);
}

/// "/api/v1" or "/apis/apps/v1": what the paths of a kind begin with.
template <class K>
[[nodiscard]] std::string api_root_of() {
    return (KindTraits<K>::kGroup.empty() ? "/api/" : "/apis/") + api_version_of<K>();
}

}  // namespace chatflow::api
