#pragma once

#include "controller/api/schema/field.hpp"

#include <string>
#include <utility>
#include <vector>

namespace chatflow::api::schema {

/// The message with the values of the object in place of {field}.
[[nodiscard]] std::string fill_in(std::string_view message, const nlohmann::json& object);

/// A rule that crosses fields: what the API server evaluates beside what we do.
template <class S>
struct Rule {
    RuleShape shape;
    bool (*holds)(const S&);
};

/// rule<S>("self.a <= self.b", [](const S& s) { return s.a <= s.b; }, "b", "must be at least {a}")
template <class S>
Rule<S> rule(std::string_view cel, bool (*holds)(const S&), std::string_view at,
             std::string_view message) {
    return {.shape = {.cel = cel, .at = at, .message = message}, .holds = holds};
}

/// The one description of a struct.
template <class S>
class Struct {
 public:
    Struct(std::string_view name, std::string_view doc, std::vector<Field<S>> fields,
           std::vector<Rule<S>> rules = {})
        : shape_{.name = name, .doc = doc, .fields = {}, .rules = {}},
          fields_(std::move(fields)),
          rules_(std::move(rules)) {
        for (const Field<S>& field : fields_) shape_.fields.push_back(field.shape);
        for (const Rule<S>& rule : rules_) shape_.rules.push_back(rule.shape);
    }

    [[nodiscard]] const ObjectShape& shape() const { return shape_; }

    /// Rules are asked only of an object whose fields are right.
    void read(const nlohmann::json& json, S& out, Reader& reader, bool partial = false) const {
        const std::size_t errors = reader.error_count();
        if (!reader.read_object(json, shape_)) return;
        for (const Field<S>& field : fields_) field.read(json, out, reader, partial);
        if (reader.error_count() != errors) return;
        for (const Rule<S>& rule : rules_) {
            if (rule.holds(out)) continue;
            const auto step = reader.into(rule.shape.at);
            reader.fail(fill_in(rule.shape.message, write(out)));
        }
    }

    [[nodiscard]] nlohmann::json write(const S& from) const {
        auto json = nlohmann::json::object();
        for (const Field<S>& field : fields_) field.write(from, json);
        return json;
    }

 private:
    ObjectShape shape_;
    std::vector<Field<S>> fields_;
    std::vector<Rule<S>> rules_;
};

}  // namespace chatflow::api::schema
