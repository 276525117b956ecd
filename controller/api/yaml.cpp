#include "controller/api/yaml.hpp"

#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

namespace chatflow::api {

using nlohmann::json;

namespace {

constexpr int kDepthMax = 100;

class Converter {
 public:
    json convert(const YAML::Node& node, int depth = 0) {
        if (++nodes_ > kYamlNodesMax) throw std::length_error("has too many values");
        if (depth > kDepthMax) throw std::length_error("is nested too deeply");
        if (node.IsMap()) {
            json object = json::object();
            for (const auto& member : node) {
                object[member.first.Scalar()] = convert(member.second, depth + 1);
            }
            return object;
        }
        if (node.IsSequence()) {
            json list = json::array();
            for (const auto& item : node) list.push_back(convert(item, depth + 1));
            return list;
        }
        return node.IsScalar() ? scalar(node) : json();
    }

 private:
    static json scalar(const YAML::Node& node) {
        const std::string& text = node.Scalar();
        if (node.Tag() == "!") return text;  // quoted
        if (text == "True" || text == "TRUE") return true;
        if (text == "False" || text == "FALSE") return false;
        if (text == "~" || text == "Null" || text == "NULL") return nullptr;
        json value = json::parse(text, nullptr, false);
        const bool is_plain = value.is_boolean() || value.is_number() || value.is_null();
        return is_plain ? value : json(text);
    }

    std::size_t nodes_ = 0;
};

}  // namespace

std::expected<std::vector<json>, FieldErrors> parse_yaml(std::string_view text) {
    try {
        Converter converter;
        std::vector<json> documents;
        for (const YAML::Node& document : YAML::LoadAll(std::string(text))) {
            if (document.IsDefined() && !document.IsNull()) {
                documents.push_back(converter.convert(document));
            }
        }
        return documents;
    } catch (const YAML::Exception& error) {
        return std::unexpected(
            FieldErrors{{"", fmt::format("must be YAML; line {}, column {}: {}",
                                         error.mark.line + 1, error.mark.column + 1, error.msg)}});
    } catch (const std::length_error& error) {
        return std::unexpected(FieldErrors{{"", error.what()}});
    }
}

}  // namespace chatflow::api
