// Every parser of controller/api that takes text from outside: none may crash, and what was
// accepted must be read again as it was printed.
#include "controller/api/core/label_selector.hpp"
#include "controller/api/quantity.hpp"
#include "controller/api/scaling_case_codec.hpp"
#include "controller/api/scaling_policy_codec.hpp"
#include "controller/api/yaml.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <nlohmann/json.hpp>

namespace {

using namespace chatflow::api;

void expect(bool holds) {
    if (!holds) std::abort();
}

void read_quantity(std::string_view text) {
    const auto quantity = Quantity::parse(text);
    if (quantity) expect(Quantity::parse(to_string(*quantity)) == quantity);
}

void read_selector(std::string_view text) {
    const auto selector = parse_label_selector(text);
    if (!selector) return expect(!selector.error().empty());
    const auto again = parse_label_selector(to_string(*selector));
    expect(again && to_string(*again) == to_string(*selector));
    (void)matches(*selector, {{"app", "chat"}});
}

void read_case(std::string_view text) {
    const auto file = parse_case_text(text);
    if (!file) return expect(!file.error().empty());
    const auto again = parse_case(to_json(*file));
    expect(again && *again == *file);
}

void read_policy(std::string_view text) {
    const auto documents = parse_yaml(text);
    if (!documents) return expect(!documents.error().empty());
    for (const auto& document : *documents) {
        const auto policy = parse_scaling_policy(document, UnknownFields::Refuse);
        if (!policy) continue;
        expect(parse_scaling_policy(to_json(*policy), UnknownFields::Refuse) == policy);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): what libFuzzer passes
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    read_quantity(text);
    read_selector(text);
    read_case(text);
    read_policy(text);
    return 0;
}
