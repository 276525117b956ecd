#pragma once

#include "controller/api/schema/field.hpp"

#include <initializer_list>
#include <string>
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

/// The fields of a struct, without its type.
class StructFields {
 public:
    StructFields(std::string_view name, std::string_view doc) {
        shape_.name = name;
        shape_.doc = doc;
    }

    [[nodiscard]] const ObjectShape& shape() const { return shape_; }

 protected:
    void add(const Field& field);
    void add(const RuleShape& rule) { shape_.rules.push_back(rule); }

    /// False when something was wrong, which the reader then knows.
    [[nodiscard]] bool read_fields(const nlohmann::json& json, void* out, Reader& reader,
                                   bool partial) const;
    [[nodiscard]] nlohmann::json write_fields(const void* from) const;

 private:
    ObjectShape shape_;
    std::vector<Field> fields_;
};

/// The one description of a struct.
template <class S>
class Struct : public StructFields {
 public:
    Struct(std::string_view name, std::string_view doc, std::initializer_list<FieldOf<S>> fields,
           std::initializer_list<Rule<S>> rules = {})
        : StructFields(name, doc), rules_(rules) {
        for (const Field& field : fields) add(field);
        for (const Rule<S>& rule : rules) add(rule.shape);
    }

    /// Rules are asked only of an object whose fields are right.
    void read(const nlohmann::json& json, S& out, Reader& reader, bool partial = false) const {
        if (!read_fields(json, &out, reader, partial)) return;
        for (const Rule<S>& rule : rules_) {
            if (rule.holds(out)) continue;
            const auto step = reader.into(rule.shape.at);
            reader.fail(fill_in(rule.shape.message, write(out)));
        }
    }

    [[nodiscard]] nlohmann::json write(const S& from) const { return write_fields(&from); }

 private:
    std::vector<Rule<S>> rules_;
};

}  // namespace chatflow::api::schema
