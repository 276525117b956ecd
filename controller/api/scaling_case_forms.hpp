#pragma once

#include "controller/api/scaling_decision.hpp"
#include "controller/api/tables.hpp"

#include <optional>
#include <vector>

namespace chatflow::api {

/// MetricReading as JSON has it: three members of which one is set.
struct ReadingForm {
    std::optional<std::vector<PodSample>> pods;
    std::optional<std::vector<Quantity>> values;
    std::optional<TimePoint> timestamp;
    std::optional<MetricError> error;
    bool operator==(const ReadingForm&) const = default;
};

namespace schema {

template <>
const Struct<ReadingForm>& table<ReadingForm>();

template <>
struct Codec<MetricReading> {
    static Shape shape() { return Codec<ReadingForm>::shape(); }
    static void read(const nlohmann::json& json, MetricReading& value, const Shape&, Reader&);
    static nlohmann::json write(const MetricReading& value, const Shape&);
};

/// A case may give the bare sentence: {"error": "no data"}.
template <>
struct Codec<MetricError> {
    static Shape shape();
    static void read(const nlohmann::json& json, MetricError& value, const Shape&, Reader&);
    static nlohmann::json write(const MetricError& value, const Shape&);
};

/// A case may also say true or false, which is what YAML makes of True and False.
template <>
struct Codec<ReadyStatus> {
    static Shape shape();
    static void read(const nlohmann::json& json, ReadyStatus& value, const Shape&, Reader&);
    static nlohmann::json write(ReadyStatus value, const Shape&);
};

}  // namespace schema

}  // namespace chatflow::api
