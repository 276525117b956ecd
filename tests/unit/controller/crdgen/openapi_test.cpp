#include "controller/crdgen/openapi.hpp"

#include "controller/crdgen/reference.hpp"
#include "controller/crdgen/yaml.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace chatflow::crdgen {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

ordered_json spec_of(const CustomKind& kind) {
    const auto definition = definition_of(kind);
    return definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
}

TEST(DefinitionOf, EveryKindIsSmallEnoughForKubectlAndHelm) {
    for (const CustomKind& kind : custom_kinds()) {
        EXPECT_LT(to_yaml(definition_of(kind)).size(), 100'000U) << kind.kind;
    }
}

TEST(DefinitionOf, EveryKindHasAStatusAndOneStoredVersion) {
    for (const CustomKind& kind : custom_kinds()) {
        const auto definition = definition_of(kind);
        EXPECT_EQ(definition["metadata"]["name"], kind.plural + "." + kind.group);
        const auto& versions = definition["spec"]["versions"];
        ASSERT_EQ(versions.size(), 1U);
        EXPECT_TRUE(versions[0]["subresources"].contains("status"));
        EXPECT_EQ(versions[0]["additionalPrinterColumns"].back()["name"], "Age");
    }
}

TEST(DefinitionOf, AFieldCarriesItsBoundsAndDefault) {
    const auto spec = spec_of(custom_kinds().front());
    EXPECT_EQ(spec["required"], (ordered_json{"targetRef", "maxReplicas", "metrics"}));
    EXPECT_EQ(spec["properties"]["evaluationPeriodSeconds"],
              (ordered_json{
                  {"description", "How often to decide. Unit: seconds. Default: 15. Example: 15"},
                  {"type", "integer"},
                  {"format", "int32"},
                  {"minimum", 1},
                  {"maximum", 3600},
                  {"default", 15}}));
    EXPECT_EQ(
        spec["x-kubernetes-validations"][0],
        (ordered_json{{"rule", "self.maxReplicas >= self.minReplicas"},
                      {"message", "must be at least minReplicas"},
                      {"messageExpression",
                       "'must be at least minReplicas (%s), not %s'.format([self.minReplicas, "
                       "self.maxReplicas])"},
                      {"fieldPath", ".maxReplicas"}}));
}

TEST(PlainMessage, LeavesTheValuesOut) {
    EXPECT_EQ(plain_message("must be less than a ({a}), not {b}"), "must be less than a");
    EXPECT_EQ(plain_message("from a ({a}) to b ({b})"), "from a to b");
}

TEST(ReferenceOf, HasARowForEachField) {
    const std::string page = reference_of(custom_kinds().front());
    EXPECT_THAT(page, HasSubstr("| `minReplicas` | integer | `1` | ≥ 0 | Never fewer than this."));
    EXPECT_THAT(page, HasSubstr("- `maxReplicas` must be at least minReplicas\n"));
    EXPECT_THAT(page, HasSubstr("## UtilizationBand"));
}

}  // namespace
}  // namespace chatflow::crdgen
