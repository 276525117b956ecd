#include "controller/api/yaml.hpp"

#include <map>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

namespace chatflow::api {

using nlohmann::json;

namespace {

constexpr std::size_t kDepthMax = 100;

json plain_scalar(const std::string& text) {
    if (text == "True" || text == "TRUE") return true;
    if (text == "False" || text == "FALSE") return false;
    if (text == "~" || text == "Null" || text == "NULL") return nullptr;
    json value = json::parse(text, nullptr, false);
    const bool is_plain = value.is_boolean() || value.is_number() || value.is_null();
    return is_plain ? value : json(text);
}

/// Builds JSON while the text is being parsed, so that the bounds hold before memory is used.
class DocumentBuilder : public YAML::EventHandler {
 public:
    [[nodiscard]] std::vector<json> take() { return std::move(documents_); }

    void OnDocumentStart(const YAML::Mark& mark) override {
        // yaml-cpp would find an empty document in front of a stray "," again and again.
        if (last_start_ == mark.pos) throw YAML::ParserException(mark, "unexpected text");
        last_start_ = mark.pos;
        anchors_.clear();
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        add(nullptr, 1, anchor, mark);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) throw YAML::ParserException(mark, "alias to its own parent");
        const auto [value, nodes] = found->second;
        add(value, nodes, YAML::NullAnchor, mark);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        const bool is_text = tag == "!" || tag == "tag:yaml.org,2002:str" || expects_key();
        add(is_text ? json(text) : plain_scalar(text), 1, anchor, mark);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value /*style*/) override {
        open(json::array(), anchor, mark);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string& /*tag*/, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value /*style*/) override {
        open(json::object(), anchor, mark);
    }
    void OnMapEnd() override { close(); }

 private:
    struct Open {
        json value;
        std::optional<std::string> key;  // the next value's, in an object
        YAML::anchor_t anchor;
        YAML::Mark mark;
        std::size_t nodes_before;
    };

    [[nodiscard]] bool expects_key() const {
        return !open_.empty() && open_.back().value.is_object() && !open_.back().key;
    }

    void count(std::size_t nodes) {
        nodes_ += nodes;
        if (nodes_ > kYamlNodesMax) throw std::length_error("has too many values");
    }

    void open(json container, YAML::anchor_t anchor, const YAML::Mark& mark) {
        if (open_.size() >= kDepthMax) throw std::length_error("is nested too deeply");
        if (expects_key()) throw YAML::ParserException(mark, "a key must be a text");
        open_.push_back({std::move(container), {}, anchor, mark, nodes_});
        count(1);
    }

    void close() {
        Open done = std::move(open_.back());
        open_.pop_back();
        const std::size_t nodes = nodes_ - done.nodes_before;
        nodes_ = done.nodes_before;
        add(std::move(done.value), nodes, done.anchor, done.mark);
    }

    void add(json value, std::size_t nodes, YAML::anchor_t anchor, const YAML::Mark& mark) {
        count(nodes);
        if (anchor != YAML::NullAnchor) anchors_[anchor] = {value, nodes};
        if (open_.empty()) {
            if (!value.is_null()) documents_.push_back(std::move(value));
        } else if (Open& parent = open_.back(); parent.value.is_array()) {
            parent.value.push_back(std::move(value));
        } else if (!parent.key) {
            add_key(parent, value, mark);
        } else {
            parent.value[*std::exchange(parent.key, {})] = std::move(value);
        }
    }

    static void add_key(Open& parent, const json& key, const YAML::Mark& mark) {
        if (!key.is_string()) throw YAML::ParserException(mark, "a key must be a text");
        parent.key = key.get<std::string>();
        if (parent.value.contains(*parent.key)) {
            throw YAML::ParserException(mark, fmt::format("{} is there twice", *parent.key));
        }
    }

    std::vector<json> documents_;
    std::vector<Open> open_;
    std::map<YAML::anchor_t, std::pair<json, std::size_t>> anchors_;
    std::size_t nodes_ = 0;
    std::optional<int> last_start_;
};

}  // namespace

std::expected<std::vector<json>, FieldErrors> parse_yaml(std::string_view text) {
    try {
        std::istringstream stream{std::string(text)};
        YAML::Parser parser(stream);
        DocumentBuilder builder;
        while (parser.HandleNextDocument(builder)) {
        }
        return builder.take();
    } catch (const YAML::Exception& error) {
        return std::unexpected(
            FieldErrors{{"", fmt::format("must be YAML; line {}, column {}: {}",
                                         error.mark.line + 1, error.mark.column + 1, error.msg)}});
    } catch (const std::length_error& error) {
        return std::unexpected(FieldErrors{{"", error.what()}});
    }
}

}  // namespace chatflow::api
