# chatflow_module(NAME base SRCS a.cpp … [DEPS …] [HEADERS asio]): one folder, one static library, alias
# chatflow::NAME. HEADERS is its set of precompiled headers: std unless told.
function(chatflow_module)
    cmake_parse_arguments(ARG "" "NAME;HEADERS" "SRCS;DEPS" ${ARGN})
    add_library(chatflow_${ARG_NAME} STATIC ${ARG_SRCS})
    add_library(chatflow::${ARG_NAME} ALIAS chatflow_${ARG_NAME})
    target_link_libraries(chatflow_${ARG_NAME} PUBLIC ${ARG_DEPS} PRIVATE chatflow_options)
    target_include_directories(chatflow_${ARG_NAME} PUBLIC ${PROJECT_SOURCE_DIR})
    if(NOT ARG_HEADERS)
        set(ARG_HEADERS std)
    endif()
    chatflow_use_headers(chatflow_${ARG_NAME} ${ARG_HEADERS})
endfunction()

# chatflow_program(NAME chat-server SRCS main.cpp DEPS …): a program that is installed.
function(chatflow_program)
    cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS" ${ARGN})
    add_executable(${ARG_NAME} ${ARG_SRCS})
    target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} chatflow_options)
    install(TARGETS ${ARG_NAME} RUNTIME DESTINATION bin COMPONENT ${ARG_NAME})
endfunction()

# chatflow_test(NAME x LABEL unit SRCS … DEPS … [COST seconds]): one test program per module and level.
# COST is what it takes alone: ctest begins with the long ones.
# Unit tests are listed one by one in ctest; the others start servers, so ctest runs them whole.
function(chatflow_test)
    cmake_parse_arguments(ARG "" "NAME;LABEL;COST" "SRCS;DEPS;ENVIRONMENT" ${ARGN})
    add_executable(${ARG_NAME} ${ARG_SRCS})
    target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS} GTest::gmock_main chatflow_options)
    target_compile_options(${ARG_NAME} PRIVATE ${CHATFLOW_TEST_OPTIONS})
    if(ARG_LABEL STREQUAL "integration")
        chatflow_use_headers(${ARG_NAME} asio_test)
    else()
        chatflow_use_headers(${ARG_NAME} test)
    endif()
    add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME} WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${ARG_NAME} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT 600
        ENVIRONMENT "${ARG_ENVIRONMENT}")
    if(ARG_COST)
        set_tests_properties(${ARG_NAME} PROPERTIES COST ${ARG_COST})
    endif()
endfunction()

# While modules arrive one by one: enters a folder that already has its CMakeLists.txt.
function(chatflow_subdirectory folder)
    if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${folder}/CMakeLists.txt)
        add_subdirectory(${folder})
    endif()
endfunction()
