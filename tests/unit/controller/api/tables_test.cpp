#include "controller/api/postgres_topology_tables.hpp"

#include <cctype>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

// What holds for every field of every own kind, present and future.
namespace chatflow::api::schema {
namespace {

using Visit = std::function<void(const std::string& path, const FieldShape&)>;

void walk(const ObjectShape& object, const std::string& path, const Visit& visit) {
    for (const FieldShape& field : object.fields) {
        if (field.name == "metadata") continue;
        const std::string here = path + "." + std::string(field.name);
        visit(here, field);
        const Shape* shape = &field.shape;
        while (shape->element) shape = shape->element.get();
        if (shape->object != nullptr) walk(shape->object(), here, visit);
    }
}

void for_each_field(const Visit& visit) {
    walk(table<ScalingPolicy>().shape(), "ScalingPolicy", visit);
    walk(table<PostgresTopology>().shape(), "PostgresTopology", visit);
}

void expect_bounds(const std::string& path, const Shape& shape) {
    switch (shape.kind) {
        case ValueKind::Integer:
            EXPECT_GT(shape.minimum.value(), std::numeric_limits<std::int32_t>::min()) << path;
            EXPECT_TRUE(shape.format == "int64" ||
                        *shape.maximum <= std::numeric_limits<std::int32_t>::max())
                << path;
            break;
        case ValueKind::Text:
            EXPECT_TRUE(shape.size_max || !shape.words.empty()) << path;
            break;
        case ValueKind::List:
        case ValueKind::Map:
            EXPECT_TRUE(shape.size_max) << path;
            expect_bounds(path + "[]", *shape.element);
            break;
        case ValueKind::Quantity:
            EXPECT_TRUE(shape.size_max) << path;
            break;
        case ValueKind::Boolean:
        case ValueKind::Time:
        case ValueKind::Object:
            break;
    }
}

TEST(Tables, EveryFieldIsDescribedInSentences) {
    for_each_field([](const std::string& path, const FieldShape& field) {
        EXPECT_TRUE(field.doc.ends_with('.')) << path << ": " << field.doc;
    });
}

TEST(Tables, EveryNumberTextAndListIsBounded) {
    for_each_field(
        [](const std::string& path, const FieldShape& field) { expect_bounds(path, field.shape); });
}

TEST(Tables, EveryValueOfASpecHasAnExample) {
    walk(table<ScalingPolicySpec>().shape(), "spec",
         [](const std::string& path, const FieldShape& field) {
             if (field.shape.kind == ValueKind::Object) return;
             EXPECT_FALSE(field.example.empty()) << path;
         });
}

TEST(Tables, ASecondsFieldSaysSoAndANameIsCamelCase) {
    for_each_field([](const std::string& path, const FieldShape& field) {
        EXPECT_EQ(field.name.ends_with("Seconds"), field.unit == "seconds" && field.name != "age")
            << path;
        EXPECT_EQ(field.name.find_first_of("_- "), std::string_view::npos) << path;
        EXPECT_TRUE(std::islower(static_cast<unsigned char>(field.name.front()))) << path;
    });
}

TEST(Tables, ADefaultAndRequiredExcludeEachOther) {
    for_each_field([](const std::string& path, const FieldShape& field) {
        EXPECT_FALSE(field.required && !field.default_value.empty()) << path;
    });
}

TEST(Tables, AStructsDefaultsAreThoseOfItsTable) {
    const auto expect_same = []<class S>(const S& fresh) {
        S read;
        Reader reader(false);
        table<S>().read(nlohmann::json::object(), read, reader, true);
        EXPECT_EQ(read, fresh) << table<S>().shape().name;
    };
    expect_same(ScalingPolicySpec{});
    expect_same(UtilizationBand{});
    expect_same(Tolerance{});
    expect_same(OnMissingMetrics{});
    expect_same(PrometheusMetric{});
}

TEST(Tables, TheStatusHasNoDefaults) {
    walk(table<ScalingPolicyStatus>().shape(), "status",
         [](const std::string& path, const FieldShape& field) {
             EXPECT_TRUE(field.default_value.empty())
                 << path << ": the API server would add it to what we wrote";
         });
}

TEST(FillIn, PutsTheValuesOfTheObjectIntoAMessage) {
    EXPECT_EQ(fill_in("must be at least a ({a}), not {b}", {{"a", 2}, {"b", 1}}),
              "must be at least a (2), not 1");
    EXPECT_EQ(fill_in("not {c}", {{"a", 2}}), "not unset");
}

}  // namespace
}  // namespace chatflow::api::schema
