#include "workloads/chat-server/domain/upload.hpp"

#include <gtest/gtest.h>

namespace chatflow::chat {
namespace {

using namespace std::string_view_literals;

constexpr const char* kId = "01934567-89ab-7def-8123-456789abcdef";
constexpr auto kPng = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\1\x90\0\0\0\xC8\x08\2\0\0\0"sv;
constexpr auto kHugePng = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\1\0\0\0\1\0\0\x08\2\0\0\0"sv;

TEST(KindOf, GoesByTheContent) {
    EXPECT_EQ(kind_of(kPng, "image/png"), (FileKind{.media_type = "image/png",
                                                    .extension = "png",
                                                    .has_thumbnails = true,
                                                    .width = 400,
                                                    .height = 200}));
    EXPECT_EQ(kind_of("%PDF-1.7\n", ""),
              (FileKind{.media_type = "application/pdf", .extension = "pdf"}));
    EXPECT_EQ(kind_of("GIF89a\x0A\0\x14\0"sv, "application/octet-stream")->extension, "gif");
}

TEST(KindOf, RefusesWhatItDoesNotKnowAndWhatIsNotAsDeclared) {
    for (const auto content :
         {""sv, "<script>alert(1)</script>"sv, "MZ\x90\0"sv, "PK\3\4"sv, kPng.substr(0, 12)}) {
        EXPECT_FALSE(kind_of(content, ""));
    }
    EXPECT_EQ(kind_of(kPng, "image/jpeg").error(),
              "is said to be image/jpeg, but its content is image/png");
    EXPECT_TRUE(kind_of(kHugePng, "").error().contains("65536 x 65536 pixels"));
}

TEST(HarmlessName, IsTheLastPartWithoutWhatOthersTripOver) {
    EXPECT_EQ(harmless_name("cat.png"), "cat.png");
    EXPECT_EQ(harmless_name("../../etc/passwd"), "passwd");
    EXPECT_EQ(harmless_name("C:\\pictures\\cat.png"), "cat.png");
    EXPECT_EQ(harmless_name("a\"b\r\nX: y.png"), "a_b__X: y.png");
    for (const std::string& name : {std::string(), std::string(".."), std::string("a/"),
                                    std::string("\xff"), std::string(300, 'x')}) {
        EXPECT_EQ(harmless_name(name), "file") << name;
    }
}

TEST(PathOfName, IsThatOfTheUploadAndLeadsNowhereElse) {
    Upload upload;
    upload.id = kId;
    upload.extension = "png";
    EXPECT_EQ(path_of(upload), std::string("ef/") + kId + ".png");
    EXPECT_EQ(path_of_name(std::string(kId) + ".png"), path_of(upload));
    EXPECT_EQ(path_of_name(std::string(kId) + ".256.jpg"), std::string("ef/") + kId + ".256.jpg");
    for (const char* rest : {"", ".", ".png/..", ".exe", ".256.png", "..jpg", ".25600.jpg",
                             ".2x.jpg", ".jpg.part", "/../../x.jpg", ".1.2.jpg"}) {
        EXPECT_EQ(path_of_name(std::string(kId) + rest), "") << rest;
    }
    EXPECT_EQ(path_of_name("../01934567-89ab-7def-8123-456789abcdef.png"), "");
    EXPECT_EQ(media_type_of_name("x.256.jpg"), "image/jpeg");
}

}  // namespace
}  // namespace chatflow::chat
