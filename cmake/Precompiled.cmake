# Headers that are parsed once per build and set, and not once per source: half of a cold build was
# spent on them. A module names its set by HEADERS (cmake/Modules.cmake).
option(CHATFLOW_PCH "Precompile the headers of cmake/headers (off: shows which source lacks an include)" ON)

# chatflow_header_set(asio DEPS …): cmake/headers/asio.hpp, for chatflow_use_headers(target asio).
function(chatflow_header_set set)
    cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
    add_library(chatflow_headers_${set} OBJECT ${PROJECT_SOURCE_DIR}/cmake/headers/empty.cpp)
    target_link_libraries(chatflow_headers_${set} PRIVATE ${ARG_DEPS} chatflow_options)
    # In angles, or CMake writes the path of this tree into it, and no other tree finds it in ccache.
    target_precompile_headers(chatflow_headers_${set} PRIVATE <cmake/headers/${set}.hpp>)
endfunction()

function(chatflow_use_headers target set)
    if(CHATFLOW_PCH)
        target_precompile_headers(${target} REUSE_FROM chatflow_headers_${set})
    endif()
endfunction()

if(CHATFLOW_PCH)
    chatflow_header_set(std)
    chatflow_header_set(asio DEPS chatflow_asio nlohmann_json::nlohmann_json)
    if(BUILD_TESTING OR NOT DEFINED BUILD_TESTING)
        chatflow_header_set(test DEPS GTest::gmock)
        chatflow_header_set(asio_test DEPS chatflow_asio nlohmann_json::nlohmann_json GTest::gmock)
        # As a program's sources are compiled, or the set would be refused.
        foreach(set test asio_test)
            set_target_properties(chatflow_headers_${set} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
            target_compile_options(chatflow_headers_${set} PRIVATE ${CHATFLOW_TEST_OPTIONS} -fPIE)
        endforeach()
    endif()
endif()
