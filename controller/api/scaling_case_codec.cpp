#include "controller/api/scaling_case_codec.hpp"

#include "controller/api/scaling_case_forms.hpp"
#include "controller/api/tables.hpp"

#include <limits>

#include <fmt/format.h>

namespace chatflow::api {

using nlohmann::json;

namespace schema {

namespace {

template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};

}  // namespace

void Codec<MetricReading>::read(const json& value, MetricReading& reading, const Shape&,
                                Reader& reader) {
    ReadingForm form;
    const std::size_t errors = reader.error_count();
    table<ReadingForm>().read(value, form, reader);
    if (reader.error_count() != errors) return;
    if (form.pods) {
        reading = PodSamples{*std::move(form.pods)};
    } else if (form.values) {
        reading = MetricValues{.values = *std::move(form.values), .timestamp = form.timestamp};
    } else {
        reading = *std::move(form.error);
    }
}

json Codec<MetricReading>::write(const MetricReading& reading, const Shape&) {
    ReadingForm form;
    std::visit(Overloaded{[&form](const PodSamples& samples) { form.pods = samples.pods; },
                          [&form](const MetricValues& values) {
                              form.values = values.values;
                              form.timestamp = values.timestamp;
                          },
                          [&form](const MetricError& error) { form.error = error; }},
               reading);
    return table<ReadingForm>().write(form);
}

Shape Codec<MetricError>::shape() {
    return {.kind = ValueKind::Object,
            .object = []() -> const ObjectShape& { return table<MetricError>().shape(); }};
}

void Codec<MetricError>::read(const json& value, MetricError& error, const Shape&, Reader& reader) {
    if (const auto* text = value.get_ptr<const std::string*>()) {
        error = {.reason = "QueryFailed", .message = *text};
    } else {
        table<MetricError>().read(value, error, reader);
    }
}

json Codec<MetricError>::write(const MetricError& error, const Shape&) {
    return table<MetricError>().write(error);
}

Shape Codec<ReadyStatus>::shape() {
    Shape shape{.kind = ValueKind::Text};
    for (const auto& word : words<ReadyStatus>()) shape.words.push_back(word.text);
    return shape;
}

void Codec<ReadyStatus>::read(const json& value, ReadyStatus& ready, const Shape& shape,
                              Reader& reader) {
    if (value.is_boolean()) {
        ready = value.get<bool>() ? ReadyStatus::True : ReadyStatus::False;
    } else if (const auto index = reader.read_word(value, shape)) {
        ready = words<ReadyStatus>()[*index].value;
    }
}

json Codec<ReadyStatus>::write(ReadyStatus ready, const Shape&) {
    return words<ReadyStatus>()[static_cast<std::size_t>(ready)].text;
}

}  // namespace schema

namespace {

constexpr int kIdDepthMax = 16;  // lists within lists; printing one is recursive

bool is_deeper_than(const json& value, int levels) {
    if (!value.is_structured()) return false;
    if (levels == 0) return true;
    return std::ranges::any_of(
        value, [levels](const json& member) { return is_deeper_than(member, levels - 1); });
}

void read_id(const json& object, CaseFile& file, schema::Reader& reader) {
    const auto id = object.find("id");
    if (id == object.end()) return;
    const auto step = reader.into("id");
    if (is_deeper_than(*id, kIdDepthMax)) {
        return reader.fail(fmt::format("must be at most {} levels deep", kIdDepthMax));
    }
    file.id = id->dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Readings have to match spec.metrics one to one; a case without any has no data.
void match_readings(CaseFile& file, const json& object, schema::Reader& reader) {
    auto& readings = file.observation.metrics;
    const std::size_t expected = file.spec.metrics.size();
    if (file.observation.proposal || readings.size() == expected) return;
    if (!object.contains("metrics")) {
        readings.assign(expected,
                        MetricError{.reason = "NoReading", .message = "the case has no reading"});
        return;
    }
    const auto step = reader.into("metrics");
    reader.fail(fmt::format("must have one entry for each of spec.metrics ({}), not {}", expected,
                            readings.size()));
}

}  // namespace

std::expected<CaseFile, FieldErrors> parse_case(const json& object) {
    schema::Reader reader(false);
    CaseFile file;
    file.spec.max_replicas = std::numeric_limits<std::int32_t>::max();
    if (!object.is_object()) {
        reader.fail("must be an object, not " + schema::shown(object));
        return std::unexpected(reader.take_errors());
    }
    read_id(object, file, reader);
    if (const auto spec = object.find("spec"); spec != object.end()) {
        const auto step = reader.into("spec");
        schema::table<ScalingPolicySpec>().read(*spec, file.spec, reader, true);
    } else {
        const auto step = reader.into("spec");
        reader.fail("is required");
    }
    schema::table<Observation>().read(object, file.observation, reader);
    if (const auto replicas = object.find("replicas");
        replicas != object.end() && replicas->is_object() && !replicas->contains("status")) {
        file.observation.replicas.status = file.observation.replicas.spec;
    }
    if (reader.error_count() == 0) match_readings(file, object, reader);
    if (reader.error_count() != 0) return std::unexpected(reader.take_errors());
    return file;
}

std::expected<CaseFile, FieldErrors> parse_case_text(std::string_view text) {
    try {
        return parse_case(json::parse(text));
    } catch (const json::parse_error& error) {
        return std::unexpected(FieldErrors{
            {"", fmt::format("must be JSON; it is not from character {} on", error.byte)}});
    } catch (const json::exception& error) {  // a number beyond every type
        return std::unexpected(FieldErrors{{"", fmt::format("must be JSON: {}", error.what())}});
    }
}

json to_json(const Observation& observation) {
    return schema::table<Observation>().write(observation);
}

json to_json(const CaseFile& file) {
    json object = to_json(file.observation);
    if (!file.id.empty()) object["id"] = json::parse(file.id);
    object["spec"] = schema::table<ScalingPolicySpec>().write(file.spec);
    return object;
}

json to_json(const Decision& decision) { return schema::table<Decision>().write(decision); }

json to_json(const CaseFile& file, const Decision& decision) {
    json object = to_json(decision);
    object["id"] = file.id.empty() ? json() : json::parse(file.id);
    return object;
}

std::expected<Decision, FieldErrors> parse_decision(const json& object) {
    schema::Reader reader(false);
    Decision decision;
    schema::table<Decision>().read(object, decision, reader);
    if (reader.error_count() != 0) return std::unexpected(reader.take_errors());
    return decision;
}

}  // namespace chatflow::api
